#include "diagnose/find_wrong.h"

#include <algorithm>
#include <cstdio>

#include "base/error.h"

namespace qrt {
namespace {

std::string text(double error) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3g", error);
  return buffer;
}

class Search {
 public:
  explicit Search(const WrongSearch& s) : s_(s), moved_(s.layers.size()) {}

  Result<WrongLayers> run() {
    const size_t layers = s_.layers.size();
    QRT_ASSIGN_OR_RETURN(result_.before, error(moved_));
    result_.after = result_.least = result_.before;
    if (result_.before == 0) {
      say("The outputs are exact with nothing moved.");
      return result_;
    }
    QRT_ASSIGN_OR_RETURN(result_.least, error(Moved(layers, true)));
    gone_ = result_.least + s_.share * (result_.before - result_.least);
    if (result_.least >= result_.before) {
      return invalidArgument("the error is ", text(result_.before), ", and ", text(result_.least),
                             " with all layers moved: it does not come from this backend");
    }
    say(concat("The error is ", text(result_.before), ", and ", text(result_.least), " with all ", layers, " layers moved."));
    for (size_t end = layers; result_.after > gone_ && end > 0;) {
      QRT_ASSIGN_OR_RETURN(end, lastWrong(end));
      moved_[end] = true;
      result_.culprits.push_back(end);
      QRT_ASSIGN_OR_RETURN(result_.after, error(moved_));
      say(concat("'", s_.layers[end], "' is wrong: with it moved the error is ", text(result_.after), "."));
    }
    return result_;
  }

 private:
  // The last wrong layer before `end`: the last one that must be moved along with all before it.
  Result<size_t> lastWrong(size_t end) {
    size_t few = 0, enough = end;  // layers moved from the first on
    while (enough - few > 1) {
      const size_t middle = few + (enough - few) / 2;
      Moved moved = moved_;
      std::fill(moved.begin(), moved.begin() + static_cast<std::ptrdiff_t>(middle), true);
      QRT_ASSIGN_OR_RETURN(const double found, error(moved));
      const bool gone = found <= gone_;
      say(concat("With the first ", middle, " layers moved, up to '", s_.layers[middle - 1], "', the error is ",
                 text(found), gone ? ": gone." : ": still there."));
      (gone ? enough : few) = middle;
    }
    return enough - 1;
  }

  Result<double> error(const Moved& moved) {
    ++result_.runs;
    return s_.error(moved);
  }
  void say(const std::string& sentence) const {
    if (s_.say) s_.say(sentence);
  }

  const WrongSearch& s_;
  Moved moved_;
  double gone_ = 0;
  WrongLayers result_;
};

}  // namespace

Result<WrongLayers> findWrong(const WrongSearch& search) { return Search(search).run(); }

}  // namespace qrt
