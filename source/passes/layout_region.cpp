#include "passes/layout_region.h"

#include <algorithm>
#include <set>

#include "passes/min_cut.h"

namespace qrt {
namespace {

// Costs: bytes moved count most, then what keeps layers apart that could be fused, then transposes
// that move nothing, then layers rewritten.
constexpr int64_t kByte = int64_t{1} << 20;
constexpr int64_t kUnfused = int64_t{1} << 17;
constexpr int64_t kMovesNothing = int64_t{1} << 14;

// Ops that other passes merge into the layer before, or that take such layers themselves.
bool fuses(OpType op, bool asReader) {
  switch (op) {
    case OpType::Add:
    case OpType::BatchNormalization:
    case OpType::Div:
    case OpType::Mul:
    case OpType::Sub:
      return true;
    case OpType::Conv:
    case OpType::ConvTranspose:
      return !asReader;
    case OpType::Clip:
    case OpType::Elu:
    case OpType::HardSigmoid:
    case OpType::HardSwish:
    case OpType::LeakyRelu:
    case OpType::Relu:
    case OpType::Sigmoid:
    case OpType::Tanh:
      return asReader;
    default:
      return false;
  }
}

}  // namespace

LayoutRegion::LayoutRegion(GraphEditor& editor, TensorId root, Perm frame0, Perm frame1)
    : editor_(editor) {
  addNet(root, std::move(frame0), std::move(frame1));
  for (size_t n = 0; n < nets_.size(); ++n) {
    const int maker = nets_[n].net.maker;
    if (maker >= 0) {
      const auto& outputs = editor_.layer(maker).outputs;
      const auto slot =
          std::find(outputs.begin(), outputs.end(), nets_[n].net.root) - outputs.begin();
      tryLayer(maker, {true, static_cast<size_t>(slot)}, n, Perm(nets_[n].net.tensors[0].frame));
    }
    const std::vector<NetReader> readers = nets_[n].net.readers;
    for (const NetReader& reader : readers)
      tryLayer(reader.layer, {false, reader.slot}, n, reader.frame);
  }
}

void LayoutRegion::addNet(TensorId root, Perm frame0, Perm frame1) {
  netOfRoot_[root] = nets_.size();
  Net net = collectNet(editor_, root);
  const bool fusing = net.maker >= 0 && net.outputs.empty() && net.readers.size() == 1 &&
                      fuses(editor_.layer(net.maker).op, false) &&
                      fuses(editor_.layer(net.readers[0].layer).op, true);
  nets_.push_back({std::move(net), {std::move(frame0), std::move(frame1)}, fusing ? kUnfused : 0});
  ports_ += 1 + nets_.back().net.readers.size() + nets_.back().net.outputs.size();
}

// Checks that a port which the layer wants permuted by `perm` belongs to a net of the region with
// the same two frames, or to one that can join it.
bool LayoutRegion::portFits(TensorId id, const Perm& perm, int plain,
                            std::vector<std::pair<TensorId, std::pair<Perm, Perm>>>& fresh) const {
  const NetTensor tensor = netOf(editor_, id);
  if (tensor.frame.size() != perm.size()) return false;
  std::pair<Perm, Perm> frames = {tensor.frame, compose(tensor.frame, perm)};
  if (plain == 1) std::swap(frames.first, frames.second);
  const auto known = netOfRoot_.find(tensor.id);
  if (known != netOfRoot_.end()) {
    const RegionNet& net = nets_[known->second];
    return net.frames[0] == frames.first && net.frames[1] == frames.second;
  }
  for (const auto& [root, other] : fresh) {
    if (root == tensor.id) return other == frames;
  }
  fresh.emplace_back(tensor.id, std::move(frames));
  return true;
}

void LayoutRegion::tryLayer(int layer, PortId port, size_t n, const Perm& frame) {
  if (variableOf_.count(layer) != 0) return;
  variableOf_[layer] = -1;
  const RegionNet& net = nets_[n];
  if (frame != net.frames[0] && frame != net.frames[1]) return;
  const int plain = frame == net.frames[1];
  const Perm perm = compose(inverse(frame), net.frames[1 - plain]);
  auto ports = layoutPorts(editor_, layer, port, perm);
  if (!ports) return;
  std::vector<std::pair<TensorId, std::pair<Perm, Perm>>> fresh;
  const auto fits = [&](const std::vector<TensorId>& ids, const std::vector<Perm>& perms) {
    for (size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] == kNoTensor || perms[i].empty() || editor_.tensor(ids[i]).isConstant()) continue;
      if (!portFits(ids[i], perms[i], plain, fresh)) return false;
    }
    return true;
  };
  if (!fits(editor_.layer(layer).inputs, ports->inputs) ||
      !fits(editor_.layer(layer).outputs, ports->outputs)) {
    return;
  }
  variableOf_[layer] = static_cast<int>(layers_.size());
  layers_.push_back({layer, plain, std::move(*ports)});
  for (auto& [root, frames] : fresh)
    addNet(root, std::move(frames.first), std::move(frames.second));
}

LayoutRegion::Wish LayoutRegion::wish(int layer, PortId port, const Perm& frame) const {
  const auto found = variableOf_.find(layer);
  if (found != variableOf_.end() && found->second >= 0) {
    const LayoutPorts& ports = layers_[static_cast<size_t>(found->second)].ports;
    if (!(port.output ? ports.outputs : ports.inputs)[port.index].empty())
      return {found->second, {}};
  }
  return {-1, frame};
}

LayoutRegion::Wish LayoutRegion::makerWish(const RegionNet& net) const {
  const Perm& frame = net.net.tensors[0].frame;
  if (net.net.maker < 0) return {-1, frame};
  const auto& outputs = editor_.layer(net.net.maker).outputs;
  const auto slot = std::find(outputs.begin(), outputs.end(), net.net.root) - outputs.begin();
  return wish(net.net.maker, {true, static_cast<size_t>(slot)}, frame);
}

std::vector<LayoutRegion::Wish> LayoutRegion::readerWishes(const RegionNet& net) const {
  std::vector<Wish> wishes;
  for (const Perm& frame : net.net.outputs) wishes.push_back({-1, frame});
  for (const NetReader& reader : net.net.readers) {
    wishes.push_back(wish(reader.layer, {false, reader.slot}, reader.frame));
  }
  return wishes;
}

int64_t LayoutRegion::moveCost(const RegionNet& net, const Perm& from, const Perm& to) const {
  if (from == to) return 0;
  const Tensor& root = editor_.tensor(net.net.root);
  // Of a tensor of unknown rank transposes may contradict each other.
  const bool comparable = from.size() == to.size() && root.shape.rank() == static_cast<int>(from.size());
  if (comparable && movesNothing(compose(inverse(from), to), permuted(root.shape, from))) {
    return kMovesNothing + net.apart;
  }
  const double most = static_cast<double>(int64_t{1} << 39) / static_cast<double>(ports_);
  double bytes = static_cast<double>(dtypeSize(root.dtype));
  for (int i = 0; i < root.shape.rank(); ++i) {  // guesses: a batch of 1, other open dims 16
    bytes *= root.shape[i] != Shape::kUnknown ? static_cast<double>(root.shape[i])
             : i == 0                         ? 1
                                              : 16;
  }
  return kMovesNothing + net.apart + kByte * static_cast<int64_t>(std::min(bytes, most));
}

// What the graph costs with these values: for each net, each order of elements beside its maker's
// once.
int64_t LayoutRegion::cost(const std::vector<int>& values) const {
  int64_t total = 0;
  for (const RegionNet& net : nets_) {
    const Perm made = frameOf(net, makerWish(net), values);
    std::set<Perm> wanted;
    for (const Wish& wish : readerWishes(net)) wanted.insert(frameOf(net, wish, values));
    const Shape& shape = editor_.tensor(net.net.root).shape;
    std::set<Perm> orders = {dimsNotOne(made, shape)};
    for (const Perm& frame : wanted) {
      if (frame == made) continue;
      const bool fresh = orders.insert(dimsNotOne(frame, shape)).second;
      total += fresh ? moveCost(net, made, frame) : kMovesNothing + net.apart;
    }
  }
  return total;
}

bool LayoutRegion::cheapest(std::vector<int>& values) const {
  MinCut cut;
  std::vector<int> nodes;
  for (size_t i = 0; i < layers_.size(); ++i) nodes.push_back(cut.addNode());
  for (const RegionNet& net : nets_) {
    // The node of a wish, or −1 if it is for a third frame.
    const auto nodeOf = [&](const Wish& wish) {
      if (wish.variable >= 0) return nodes[static_cast<size_t>(wish.variable)];
      return wish.frame == net.frames[0]   ? MinCut::kZero
             : wish.frame == net.frames[1] ? MinCut::kOne
                                           : -1;
    };
    const Wish maker = makerWish(net);
    const int made = nodeOf(maker);
    const int anyOne = cut.addNode();  // 1 as soon as one reader is
    const int allOne = cut.addNode();  // 0 as soon as one reader is
    std::set<Perm> third;
    for (const Wish& reader : readerWishes(net)) {
      const int node = nodeOf(reader);
      if (node < 0) {
        third.insert(reader.frame);
        continue;
      }
      cut.addCost(anyOne, node, MinCut::kNever);
      cut.addCost(node, allOne, MinCut::kNever);
    }
    if (made < 0) {
      cut.addCost(MinCut::kZero, anyOne, moveCost(net, maker.frame, net.frames[1]));
      cut.addCost(allOne, MinCut::kOne, moveCost(net, maker.frame, net.frames[0]));
      continue;
    }
    const int64_t move = moveCost(net, net.frames[0], net.frames[1]);
    cut.addCost(made, anyOne, move);
    cut.addCost(allOne, made, move);
    for (const Perm& frame : third) {
      cut.addCost(made, MinCut::kOne, moveCost(net, net.frames[0], frame));
      cut.addCost(MinCut::kZero, made, moveCost(net, net.frames[1], frame));
    }
  }
  if (!cut.solve()) return false;
  for (size_t i = 0; i < nodes.size(); ++i) values[i] = cut.value(nodes[i]);
  return true;
}

bool LayoutRegion::improve() {
  if (layers_.empty()) return false;
  std::vector<int> plain;
  for (const RegionLayer& layer : layers_) plain.push_back(layer.plain);
  std::vector<int> values = plain;
  if (!cheapest(values) || cost(values) >= cost(plain)) return false;
  apply(values);
  return true;
}

void LayoutRegion::apply(const std::vector<int>& values) {
  // First what every net will look like, while the graph is still what the wishes speak of.
  std::vector<Perm> made;
  std::vector<size_t> changed;
  for (size_t n = 0; n < nets_.size(); ++n) {
    RegionNet& net = nets_[n];
    made.push_back(frameOf(net, makerWish(net), values));
    bool differs = made.back() != net.net.tensors[0].frame;
    for (NetReader& reader : net.net.readers) {
      const Perm frame =
          frameOf(net, wish(reader.layer, {false, reader.slot}, reader.frame), values);
      differs = differs || frame != reader.frame;
      reader.frame = frame;
    }
    if (differs) changed.push_back(n);
  }
  PermutedConstants cache;
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (values[i] != layers_[i].plain)
      applyLayout(editor_, layers_[i].layer, layers_[i].ports, cache);
  }
  for (const size_t n : changed) rebuildNet(editor_, nets_[n].net, made[n]);
}

std::vector<int> LayoutRegion::settled() const {
  std::vector<int> result;
  for (const RegionNet& net : nets_) {
    for (const int transpose : net.net.transposes) {
      if (!editor_.alive(transpose)) continue;
      const Perm from = netOf(editor_, editor_.layer(transpose).inputs[0]).frame;
      const Perm to = netOf(editor_, editor_.layer(transpose).outputs[0]).frame;
      if ((from == net.frames[0] && to == net.frames[1]) ||
          (from == net.frames[1] && to == net.frames[0])) {
        result.push_back(transpose);
      }
    }
  }
  return result;
}

}  // namespace qrt
