"""A model in one runtime: loads it, then obeys commands on stdin, one answer in JSON on stdout for each.

  worker.py RUNTIME MODEL THREADS INPUT.npy

Says at once how long loading and the first run took together, and the memory before; "time SECONDS" answers the
median of runs and the threads that were busy; "output FILE" writes the output; "memory" answers the peak. Between
commands it is blocked in a read.
"""

import json
import os
import statistics
import sys
import time

import numpy as np


def onnxruntime(path, threads):
    import onnxruntime as ort
    def load():
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        return lambda x: session.run(None, {name: x})[0]
    return load


def openvino(path, threads):
    import openvino as ov
    def load():
        # Without the hint it would compute in bf16 where the CPU can.
        request = ov.Core().compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
                                                        "INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
        return lambda x: request.infer([x], share_inputs=True, share_outputs=True)[0]
    return load


def ncnn(path, threads):
    import ncnn
    def load():
        net = ncnn.Net()
        net.opt.num_threads, net.opt.use_vulkan_compute = threads, False
        net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = net.opt.use_bf16_storage = False
        if net.load_param(path) != 0 or net.load_model(path.replace(".param", ".bin")) != 0:
            raise RuntimeError("the model cannot be loaded")
        def run(x):
            extractor = net.create_extractor()
            extractor.input("in0", ncnn.Mat(x[0]))
            failed, out = extractor.extract("out0")
            if failed:
                raise RuntimeError(f"extract gave {failed}")
            return np.array(out)[None]
        return run
    return load


def mnn(path, threads):
    import MNN
    def load():
        net = MNN.Interpreter(path)
        session = net.createSession({"backend": "CPU", "numThread": threads, "precision": "high"})
        inside = net.getSessionInput(session)
        def run(x):
            inside.copyFrom(MNN.Tensor(x.shape, MNN.Halide_Type_Float, x, MNN.Tensor_DimensionType_Caffe))
            net.runSession(session)
            return np.array(net.getSessionOutput(session).getNumpyData(), copy=True)
        return run
    return load


def litert(path, threads):
    from ai_edge_litert.interpreter import Interpreter
    def load():
        interpreter = Interpreter(model_path=path, num_threads=threads)
        interpreter.allocate_tensors()
        index, out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
        def run(x):
            interpreter.set_tensor(index, x)
            interpreter.invoke()
            return interpreter.get_tensor(out)
        return run
    return load


RUNTIMES = {"onnxruntime": onnxruntime, "openvino": openvino, "ncnn": ncnn, "MNN": mnn, "ai-edge-litert": litert}


def peak_memory():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def median_ms(run, x, seconds):
    for _ in range(2):
        run(x)
    times, start, busy = [], time.perf_counter(), time.process_time()
    while len(times) < 5 or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        run(x)
        times.append((time.perf_counter() - before) * 1000)
    return {"ms": statistics.median(times), "busy": (time.process_time() - busy) / (time.perf_counter() - start)}


def main():
    runtime, path, threads, feed = sys.argv[1:]
    # Runtimes print to stdout: their lines go to stderr, answers to where stdout was.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    def answer(found):
        print(json.dumps(found), file=answers, flush=True)
    x = np.load(feed)
    if runtime == "ai-edge-litert":
        x = np.ascontiguousarray(x.transpose(0, 2, 3, 1))
    try:
        load = RUNTIMES[runtime](path, int(threads))
        ready, start = peak_memory(), time.perf_counter()
        run = load()
        run(x)
        answer({"start_ms": (time.perf_counter() - start) * 1000, "ready_bytes": ready})
        for line in sys.stdin:
            command, *argument = line.split(maxsplit=1)
            if command == "time":
                answer(median_ms(run, x, float(argument[0])))
            elif command == "output":
                np.save(argument[0].strip(), run(x))
                answer({})
            elif command == "memory":
                answer({"peak_bytes": peak_memory()})
    except Exception as error:
        answer({"error": " ".join(f"{type(error).__name__}: {error}".split())[:200]})


if __name__ == "__main__":
    main()
