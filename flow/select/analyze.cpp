#include "flow/select/analyze.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/base/parallel.h"
#include "flow/model/linear_ranges.h"

#include <cmath>
#include <stdexcept>

namespace flexcim {
namespace {

/// The linears that share figures.
std::vector<LinearRange> groups_of(const LanguageModel& model, Granularity granularity) {
  if (granularity == Granularity::block) return block_ranges(model.linears());
  std::vector<LinearRange> groups;
  for (std::size_t i = 0; i < model.linears().size(); ++i) groups.push_back({i, i + 1});
  return groups;
}

std::vector<double> normalized(const std::vector<OutlierFigures>& figures, double OutlierFigures::*member) {
  std::vector<double> values;
  values.reserve(figures.size());
  for (const OutlierFigures& each : figures) values.push_back(each.*member);
  return min_max_normalized(values);
}

std::vector<SelectionItem> plain_items(const std::vector<OutlierFigures>& figures) {
  const std::vector<double> outliers = normalized(figures, &OutlierFigures::outlier_ratio);
  const std::vector<double> locality = normalized(figures, &OutlierFigures::locality);
  std::vector<SelectionItem> items(figures.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].outliers = outliers[i];
    items[i].locality = locality[i];
  }
  return items;
}

}  // namespace

Granularity parse_granularity(std::string_view text) {
  if (text == "block") return Granularity::block;
  if (text == "linear") return Granularity::linear;
  throw InputError("granularity \"" + std::string(text) + "\" is neither block nor linear");
}

std::string_view to_string(Granularity granularity) { return granularity == Granularity::block ? "block" : "linear"; }

DenseEnds parse_dense_ends(std::string_view text) {
  if (text == "none") return {false, false};
  if (text == "first") return {true, false};
  if (text == "last") return {false, true};
  if (text == "both" || text == "first,last" || text == "last,first") return {true, true};
  if (text == "auto") return {false, false, true};
  throw InputError("keep-dense \"" + std::string(text) + "\" is none of none, first, last, first,last, both, auto");
}

std::vector<float> saliency_factors(const LinearInfo& linear, const InputStatistics& statistics, Saliency saliency) {
  if (saliency == Saliency::magnitude) return std::vector<float>(static_cast<std::size_t>(linear.in), 1.0f);
  return statistics.channel_norms;
}

void require_finite_saliency(const LinearInfo& linear, MatrixView<const float> weights,
                             const std::vector<float>& factors) {
  std::vector<float> row(weights.cols);
  for (std::size_t r = 0; r < weights.rows; ++r) {
    saliency_row(weights.row(r), factors.data(), weights.cols, row.data());
    const std::size_t c = first_not_finite(row.data(), row.size());
    if (c == row.size()) continue;
    throw NotFiniteError("linear " + linear.name + ": the saliency of weight [" + std::to_string(r) + "," +
                         std::to_string(c) + "] is " + std::string(not_finite_text(row[c])));
  }
}

std::vector<OutlierFigures> analyze(const LanguageModel& model, const std::vector<InputStatistics>& statistics,
                                    Saliency saliency, double outlier_multiple, Granularity granularity, int threads,
                                    const Progress& progress) {
  const std::vector<LinearInfo>& linears = model.linears();
  if (statistics.size() != linears.size()) throw std::logic_error("analyze: one entry of statistics per linear");
  if (!(outlier_multiple > 0)) throw InputError("the outlier multiple must be positive");
  std::vector<OutlierFigures> result;
  for (const auto& [first, last] : groups_of(model, granularity)) {
    // Loading is most of the work: once for both passes, several linears at a time.
    const std::size_t begin = first;
    std::vector<Matrix<float>> weights(last - first);
    parallel_for(threads, weights.size(), 1, [&](std::size_t from, std::size_t to) {
      for (std::size_t i = from; i < to; ++i) weights[i] = model.weights(linears[begin + i]);
    });
    SaliencySum sum;
    for (std::size_t i = first; i < last; ++i) {
      const std::vector<float> factors = saliency_factors(linears[i], statistics[i], saliency);
      sum.add(weights[i - first], factors, threads);
      if (!std::isfinite(sum.sum())) require_finite_saliency(linears[i], weights[i - first], factors);
    }
    OutlierScan scan(outlier_multiple * sum.mean());
    for (std::size_t i = first; i < last; ++i) {
      scan.add(weights[i - first], saliency_factors(linears[i], statistics[i], saliency), threads);
    }
    result.push_back(scan.figures());
    if (progress) progress(static_cast<int>(last), static_cast<int>(linears.size()));
  }
  return result;
}

std::vector<SelectionItem> selection_items(const std::vector<OutlierFigures>& figures, DenseEnds keep_dense) {
  std::vector<SelectionItem> items = plain_items(figures);
  if (items.empty()) return items;
  items.front().keep_dense |= keep_dense.first;
  items.back().keep_dense |= keep_dense.last;
  return items;
}

std::vector<SelectionItem> selection_items(const LanguageModel& model, Granularity granularity, DenseEnds keep_dense) {
  std::vector<SelectionItem> items;
  for (const auto& [first, last] : groups_of(model, granularity)) {
    const LinearInfo& linear = model.linears()[first];
    items.emplace_back();
    if (granularity == Granularity::linear) items.back().weight = static_cast<std::int64_t>(linear.out) * linear.in;
    items.back().keep_dense =
        (keep_dense.first && linear.block == 0) || (keep_dense.last && linear.block == model.blocks() - 1);
  }
  return items;
}

std::vector<SelectionItem> selection_items(const LanguageModel& model, const std::vector<OutlierFigures>& figures,
                                           Granularity granularity, DenseEnds keep_dense) {
  std::vector<SelectionItem> items = selection_items(model, granularity, keep_dense);
  if (figures.size() != items.size()) throw std::logic_error("selection_items: one entry of figures per item");
  const std::vector<SelectionItem> plain = plain_items(figures);
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].outliers = plain[i].outliers;
    items[i].locality = plain[i].locality;
  }
  return items;
}

std::vector<Pattern> patterns_of_linears(const LanguageModel& model, const std::vector<Candidate>& chosen,
                                         Granularity granularity) {
  const auto groups = groups_of(model, granularity);
  if (chosen.size() != groups.size()) throw std::logic_error("patterns_of_linears: one candidate per item");
  std::vector<Pattern> patterns(model.linears().size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t i = groups[g].first; i < groups[g].last; ++i) patterns[i] = chosen[g].pattern();
  }
  return patterns;
}

}  // namespace flexcim
