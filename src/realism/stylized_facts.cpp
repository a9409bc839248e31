#include "realism/stylized_facts.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace stack::realism {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kTailShare = 0.05;
constexpr std::size_t kWeek = 5;

constexpr std::string_view kCont = "Cont (2001), Empirical properties of asset returns, Quantitative Finance 1";
constexpr std::string_view kDing = "Ding, Granger and Engle (1993), A long memory property of stock market returns";
constexpr std::string_view kParkinson =
    "Parkinson (1980), The extreme value method for estimating the variance of the rate of return";
constexpr std::string_view kAlizadeh =
    "Alizadeh, Brandt and Diebold (2002), Range-based estimation of stochastic "
    "volatility models";
constexpr std::string_view kKarpoff = "Karpoff (1987), The relation between price changes and trading volume: a survey";
constexpr std::string_view kLobato = "Lobato and Velasco (2000), Long memory in stock-market trading volume";
constexpr std::string_view kLou =
    "Lou, Polk and Skouras (2019), A tug of war: overnight versus intraday expected returns";

constexpr std::array<FactSpec, kFactCount> kSpecs = {{
    {Fact::volatility, "volatility", "standard deviation of daily log returns", kCont},
    {Fact::skewness, "skewness", "asymmetry of returns: crashes are larger than rallies", kCont},
    {Fact::excess_kurtosis, "excess_kurtosis", "fat tails: fourth moment of returns above a normal's", kCont},
    {Fact::hill, "hill", "tail index of |return| from its largest 5 %: 3 to 5 in markets",
     "Hill (1975), A simple general approach to inference about the tail of a distribution"},
    {Fact::quantile_01, "quantile_01", "return below which 1 % of days lie, in standard deviations", kCont},
    {Fact::quantile_99, "quantile_99", "return above which 1 % of days lie, in standard deviations", kCont},
    {Fact::kurtosis_5, "kurtosis_5", "excess kurtosis of five-session returns: tails thin with the horizon", kCont},
    {Fact::acf_return_1, "acf_return_1", "autocorrelation of returns at lag 1: close to none", kCont},
    {Fact::variance_ratio_5, "variance_ratio_5",
     "variance of five-session returns over five daily ones: 1 without memory",
     "Lo and MacKinlay (1988), Stock market prices do not follow random walks"},
    {Fact::acf_abs_1, "acf_abs_1", "volatility clusters: autocorrelation of |return| at lag 1", kDing},
    {Fact::acf_abs_5, "acf_abs_5", "volatility clusters: autocorrelation of |return| at lag 5", kDing},
    {Fact::acf_abs_20, "acf_abs_20", "volatility clusters: autocorrelation of |return| at lag 20", kDing},
    {Fact::leverage, "leverage", "falls raise volatility: mean correlation of return and later |return|, lags 1 to 5",
     "Bouchaud, Matacz and Potters (2001), Leverage effect in financial markets"},
    {Fact::parkinson_ratio, "parkinson_ratio", "volatility told by the day's range over that of closes", kParkinson},
    {Fact::overnight_share, "overnight_share", "variance of the opening gap over that of the return", kLou},
    {Fact::gap_day_correlation, "gap_day_correlation", "correlation of the opening gap with the move to the close",
     kLou},
    {Fact::range_abs_return, "range_abs_return", "Spearman correlation of the day's range and |return|", kAlizadeh},
    {Fact::acf_range_1, "acf_range_1", "autocorrelation of the day's range ln(H/L) at lag 1", kAlizadeh},
    {Fact::acf_range_5, "acf_range_5", "autocorrelation of the day's range ln(H/L) at lag 5", kAlizadeh},
    {Fact::acf_range_20, "acf_range_20", "autocorrelation of the day's range ln(H/L) at lag 20", kAlizadeh},
    {Fact::volume_abs_return, "volume_abs_return", "Spearman correlation of volume and |return|", kKarpoff},
    {Fact::acf_volume_1, "acf_volume_1", "autocorrelation of log volume at lag 1", kLobato},
    {Fact::acf_volume_20, "acf_volume_20", "autocorrelation of log volume at lag 20", kLobato},
}};

}  // namespace

std::span<const FactSpec, kFactCount> fact_specs() { return kSpecs; }

RankedSeries::RankedSeries(DailySeries series) : daily(std::move(series)), magnitude(daily.r) {
  for (double& v : magnitude) v = std::fabs(v);
  ranked_r = rank_values(daily.r);
  ranked_magnitude = rank_values(magnitude);
  ranked_range = rank_values(daily.range);
  ranked_volume = rank_values(daily.log_volume);
}

void SessionSample::start(const RankedSeries& source) {
  source_ = &source;
  for (auto* column : {&r_, &magnitude_, &gap_, &intraday_, &range_, &log_volume_}) column->clear();
  for (auto* column : {&r_rank_, &magnitude_rank_, &range_rank_, &volume_rank_}) column->clear();
}

void SessionSample::append(std::size_t first, std::size_t last) {
  const auto extend = [first, last](auto& column, const auto& from) {
    column.insert(column.end(), from.begin() + static_cast<std::ptrdiff_t>(first),
                  from.begin() + static_cast<std::ptrdiff_t>(last));
  };
  const DailySeries& daily = source_->daily;
  extend(r_, daily.r);
  extend(magnitude_, source_->magnitude);
  extend(gap_, daily.gap);
  extend(intraday_, daily.intraday);
  extend(range_, daily.range);
  extend(log_volume_, daily.log_volume);
  extend(r_rank_, source_->ranked_r.rank);
  extend(magnitude_rank_, source_->ranked_magnitude.rank);
  extend(range_rank_, source_->ranked_range.rank);
  extend(volume_rank_, source_->ranked_volume.rank);
}

FactValues FactCalculator::operator()(const RankedSeries& series) {
  whole_.start(series);
  whole_.append(0, series.daily.size());
  return (*this)(whole_);
}

FactValues FactCalculator::operator()(const SessionSample& sample) {
  FactValues values;
  values.fill(kNaN);
  const Moments returns = moments(sample.r_);
  if (returns.count >= kLeastValues && returns.variance > 0.0) {
    distribution(sample, returns, values);
    dependence(sample, values);
    session_shape(sample, returns, values);
  }
  if (count(sample.log_volume_) >= kLeastValues) volume(sample, values);
  return values;
}

void FactCalculator::distribution(const SessionSample& sample, const Moments& returns, FactValues& values) {
  const double sigma = std::sqrt(returns.variance);
  at(values, Fact::volatility) = sigma;
  at(values, Fact::skewness) = returns.skewness;
  at(values, Fact::excess_kurtosis) = returns.excess_kurtosis;
  at(values, Fact::kurtosis_5) = kurtosis_of_sums(sample.r_, kWeek);
  counted_.count(sample.r_rank_, sample.source_->ranked_r.distinct);
  at(values, Fact::quantile_01) = counted_.quantile(0.01) / sigma;
  at(values, Fact::quantile_99) = counted_.quantile(0.99) / sigma;
  counted_.count(sample.magnitude_rank_, sample.source_->ranked_magnitude.distinct);
  at(values, Fact::hill) = counted_.hill(kTailShare);
}

void FactCalculator::dependence(const SessionSample& sample, FactValues& values) {
  autocorrelations_.assign(sample.r_);
  at(values, Fact::acf_return_1) = autocorrelations_.at(1);
  at(values, Fact::variance_ratio_5) = variance_ratio(sample.r_, kWeek);
  autocorrelations_.assign(sample.magnitude_);
  at(values, Fact::acf_abs_1) = autocorrelations_.at(1);
  at(values, Fact::acf_abs_5) = autocorrelations_.at(5);
  at(values, Fact::acf_abs_20) = autocorrelations_.at(20);
  at(values, Fact::leverage) = leverage(sample.r_);
}

void FactCalculator::session_shape(const SessionSample& sample, const Moments& returns, FactValues& values) {
  at(values, Fact::overnight_share) = variance(sample.gap_) / returns.variance;
  at(values, Fact::gap_day_correlation) = correlation(sample.gap_, sample.intraday_);
  const Moments range = moments(sample.range_);
  if (range.count < kLeastValues) return;
  const double mean_square = range.variance + range.mean * range.mean;
  at(values, Fact::parkinson_ratio) = std::sqrt(mean_square / (4.0 * std::numbers::ln2) / returns.variance);
  at(values, Fact::range_abs_return) =
      rank_correlation(sample.range_rank_, sample.source_->ranked_range.distinct_count(), sample.magnitude_rank_,
                       sample.source_->ranked_magnitude.distinct_count(), rank_scratch_);
  autocorrelations_.assign(sample.range_);
  at(values, Fact::acf_range_1) = autocorrelations_.at(1);
  at(values, Fact::acf_range_5) = autocorrelations_.at(5);
  at(values, Fact::acf_range_20) = autocorrelations_.at(20);
}

void FactCalculator::volume(const SessionSample& sample, FactValues& values) {
  at(values, Fact::volume_abs_return) =
      rank_correlation(sample.volume_rank_, sample.source_->ranked_volume.distinct_count(), sample.magnitude_rank_,
                       sample.source_->ranked_magnitude.distinct_count(), rank_scratch_);
  autocorrelations_.assign(sample.log_volume_);
  at(values, Fact::acf_volume_1) = autocorrelations_.at(1);
  at(values, Fact::acf_volume_20) = autocorrelations_.at(20);
}

}  // namespace stack::realism
