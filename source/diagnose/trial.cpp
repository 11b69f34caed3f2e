#include "diagnose/trial.h"

#include <algorithm>
#include <random>

#include "base/error.h"

namespace qrt {

Status fillRandom(Session& session) {
  std::minstd_rand random(1);
  for (size_t i = 0; i < session.inputs().size(); ++i) {
    QRT_ASSIGN_OR_RETURN(const TensorView view, session.input(i));
    if (view.dtype == DType::f32) {
      std::uniform_real_distribution<float> uniform(-1, 1);
      QRT_ASSIGN_OR_RETURN(const std::span<float> values, view.as<float>());
      for (float& x : values) x = uniform(random);
    } else if (dtypeSize(view.dtype) == 1 && view.dtype != DType::boolean) {
      auto* bytes = static_cast<uint8_t*>(view.data);
      std::generate_n(bytes, view.bytes(), [&] { return static_cast<uint8_t>(random() >> 8); });
    }
  }
  return {};
}

Result<Trial> Trial::create(const Model& model, SessionOptions options, const Fill& fill) {
  QRT_ASSIGN_OR_RETURN(Session session, Session::create(model, options));
  Trial trial(std::move(session));
  QRT_RETURN_IF_ERROR(fill ? fill(trial.session_) : fillRandom(trial.session_));
  QRT_RETURN_IF_ERROR(trial.session_.run());
  return trial;
}

Status Trial::run() {
  session_.resetProfile();
  QRT_RETURN_IF_ERROR(session_.run());
  const Profile profile = session_.profile();
  total_.push_back(profile.medianMs);
  for (const LayerProfile& layer : profile.layers) layers_[layer.layer].push_back(layer.medianMs);
  return {};
}

std::vector<double> Trial::layer(const std::string& name) const {
  const auto found = layers_.find(name);
  return found == layers_.end() ? std::vector<double>{} : found->second;
}

Status runInTurn(std::vector<Trial>& trials, int runs, const std::function<void()>& progress) {
  std::minstd_rand random(1);
  std::vector<Trial*> order;
  for (Trial& trial : trials) order.push_back(&trial);
  for (int run = 0; run < runs; ++run) {
    std::shuffle(order.begin(), order.end(), random);  // so that none always comes after the same one
    for (Trial* trial : order) {
      QRT_RETURN_IF_ERROR(trial->session().run());  // the run that counts finds the caches as this one leaves them
      QRT_RETURN_IF_ERROR(trial->run());
      if (progress) progress();
    }
  }
  return {};
}

}  // namespace qrt
