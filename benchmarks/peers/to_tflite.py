"""Writes a float ONNX classifier as .tflite, with the schema that ai-edge-litert brings.

Only what make_models.py writes: Conv, Clip(0, 6) and Relu behind a Conv, Add or Gemm, MaxPool, Add, Concat,
GlobalAveragePool, Flatten, Gemm. Tensors become NHWC. Uneven pads, and those that SAME does not mean, are a PAD
of their own, which XNNPACK fuses.
"""

import flatbuffers
import numpy as np
import onnx
from onnx import numpy_helper


def same_pads(size, kernel, stride):
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Writer:
    def __init__(self, model):
        from ai_edge_litert import schema_py_generated as schema
        self.s = schema
        self.graph = model.graph
        self.constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self.tensors, self.buffers, self.operators, self.codes = [], [schema.BufferT()], [], []
        self.values = {}  # ONNX name -> (tensor, its NHWC shape)

    def tensor(self, shape, values=None, kind=None):
        t = self.s.TensorT()
        t.name, t.shape, t.type = f"t{len(self.tensors)}", list(shape), self.s.TensorType.FLOAT32 if kind is None else kind
        if values is not None:
            buffer = self.s.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
            t.buffer = len(self.buffers)
            self.buffers.append(buffer)
        else:
            t.buffer = 0
        self.tensors.append(t)
        return len(self.tensors) - 1

    def operator(self, op, inputs, shape, options=None, **fields):
        """Adds an operator; its output."""
        code = getattr(self.s.BuiltinOperator, op)
        if code not in self.codes:
            self.codes.append(code)
        o = self.s.OperatorT()
        o.opcodeIndex, o.inputs, o.outputs = self.codes.index(code), inputs, [self.tensor(shape)]
        if options:
            o.builtinOptionsType = getattr(self.s.BuiltinOptions, options)
            o.builtinOptions = getattr(self.s, options + "T")()
            for name, value in fields.items():
                setattr(o.builtinOptions, name, value)
        self.operators.append(o)
        return o.outputs[0], tuple(shape)

    def padding(self, x, shape, kernel, stride, pads):
        """The padding scheme, behind a PAD with zeros if it has to be."""
        if not any(pads):
            return x, shape, self.s.Padding.VALID
        if all((pads[i], pads[i + 2]) == same_pads(shape[1 + i], kernel, stride) for i in (0, 1)):
            return x, shape, self.s.Padding.SAME
        amounts = np.int32([[0, 0], [pads[0], pads[2]], [pads[1], pads[3]], [0, 0]])
        shape = (1, shape[1] + pads[0] + pads[2], shape[2] + pads[1] + pads[3], shape[3])
        x, shape = self.operator("PAD", [x, self.tensor((4, 2), amounts, self.s.TensorType.INT32)], shape, "PadOptions")
        return x, shape, self.s.Padding.VALID

    def activation(self, node):
        """The activation that alone reads a node, and its output."""
        readers = [n for n in self.graph.node if node.output[0] in n.input]
        kinds = {"Relu": self.s.ActivationFunctionType.RELU, "Clip": self.s.ActivationFunctionType.RELU6}
        if len(readers) == 1 and readers[0].op_type in kinds:
            return kinds[readers[0].op_type], readers[0].output[0]
        return self.s.ActivationFunctionType.NONE, node.output[0]

    def conv(self, node, a):
        x, shape = self.values[node.input[0]]
        w, bias = self.constants[node.input[1]], self.constants[node.input[2]]
        kernel, stride = a["kernel_shape"][0], a["strides"][0]
        x, shape, padding = self.padding(x, shape, kernel, stride, a["pads"])
        same = padding == self.s.Padding.SAME
        size = [-(-d // stride) if same else (d - kernel) // stride + 1 for d in shape[1:3]]
        activation, out = self.activation(node)
        fields = {"strideH": stride, "strideW": stride, "padding": padding, "fusedActivationFunction": activation}
        depthwise = a["group"] == w.shape[0]
        w = w.transpose(1, 2, 3, 0) if depthwise else w.transpose(0, 2, 3, 1)
        inputs = [x, self.tensor(w.shape, w), self.tensor(bias.shape, bias)]
        if depthwise:
            fields["depthMultiplier"] = 1
        op = ("DEPTHWISE_CONV_2D", "DepthwiseConv2DOptions") if depthwise else ("CONV_2D", "Conv2DOptions")
        self.values[out] = self.operator(op[0], inputs, (1, *size, bias.size), op[1], **fields)

    def max_pool(self, node, a):
        x, shape = self.values[node.input[0]]
        kernel, stride = a["kernel_shape"][0], a["strides"][0]
        positive = any(node.input[0] in n.output and n.op_type in ("Relu", "Clip") for n in self.graph.node)
        if (any(a["pads"]) and not positive) or (a["ceil_mode"] and (shape[1] - kernel) % stride):
            raise RuntimeError(f"no way to write the pads of {node.output[0]}")
        x, shape, padding = self.padding(x, shape, kernel, stride, a["pads"])
        same = padding == self.s.Padding.SAME
        size = [-(-d // stride) if same else (d - kernel) // stride + 1 for d in shape[1:3]]
        self.values[node.output[0]] = self.operator("MAX_POOL_2D", [x], (1, *size, shape[3]), "Pool2DOptions", filterHeight=kernel,
                                                    filterWidth=kernel, strideH=stride, strideW=stride, padding=padding)

    def gemm(self, node, a):
        x, shape = self.values[node.input[0]]
        w, bias = self.constants[node.input[1]], self.constants[node.input[2]]
        before = next((n for n in self.graph.node if node.input[0] in n.output), None)
        if before is not None and before.op_type == "Flatten":  # it flattened NCHW
            _, h, width, c = self.values[before.input[0]][1]
            w = w.reshape(-1, c, h, width).transpose(0, 2, 3, 1).reshape(w.shape)
        activation, out = self.activation(node)
        inputs = [x, self.tensor(w.shape, w), self.tensor(bias.shape, bias)]
        self.values[out] = self.operator("FULLY_CONNECTED", inputs, (1, bias.size), "FullyConnectedOptions",
                                         fusedActivationFunction=activation)

    def node(self, node):
        a = {x.name: onnx.helper.get_attribute_value(x) for x in node.attribute}
        if node.output[0] in self.values:  # an activation that is fused already
            return
        if node.op_type in ("Conv", "MaxPool", "Gemm"):
            {"Conv": self.conv, "MaxPool": self.max_pool, "Gemm": self.gemm}[node.op_type](node, a)
            return
        inputs = [self.values[name][0] for name in node.input]
        shape = self.values[node.input[0]][1]
        if node.op_type == "Add":
            activation, out = self.activation(node)
            self.values[out] = self.operator("ADD", inputs, shape, "AddOptions", fusedActivationFunction=activation)
        elif node.op_type == "Concat":
            channels = sum(self.values[name][1][3] for name in node.input)
            self.values[node.output[0]] = self.operator("CONCATENATION", inputs, (*shape[:3], channels), "ConcatenationOptions", axis=3)
        elif node.op_type == "GlobalAveragePool":
            axes = self.tensor((2,), np.int32([1, 2]), self.s.TensorType.INT32)
            self.values[node.output[0]] = self.operator("MEAN", [inputs[0], axes], (1, 1, 1, shape[3]), "ReducerOptions", keepDims=True)
        elif node.op_type == "Flatten":
            flat = (1, int(np.prod(shape)))
            target = self.tensor((2,), np.int32(flat), self.s.TensorType.INT32)
            self.values[node.output[0]] = self.operator("RESHAPE", [inputs[0], target], flat, "ReshapeOptions", newShape=list(flat))
        else:
            raise RuntimeError(f"no way to write {node.op_type} as .tflite")

    def write(self):
        dims = [d.dim_value for d in self.graph.input[0].type.tensor_type.shape.dim]
        shape = (dims[0], dims[2], dims[3], dims[1])
        self.values[self.graph.input[0].name] = (self.tensor(shape), shape)
        for node in self.graph.node:
            self.node(node)
        s, sub, model = self.s, self.s.SubGraphT(), self.s.ModelT()
        sub.tensors, sub.operators, sub.inputs = self.tensors, self.operators, [0]
        sub.outputs = [self.values[self.graph.output[0].name][0]]
        model.version, model.subgraphs, model.buffers, model.operatorCodes = 3, [sub], self.buffers, []
        for code in self.codes:
            c = s.OperatorCodeT()
            c.builtinCode, c.deprecatedBuiltinCode, c.version = code, code, 1
            model.operatorCodes.append(c)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), b"TFL3")
        return builder.Output()


def to_tflite(path, out):
    out.write_bytes(Writer(onnx.load(str(path))).write())
