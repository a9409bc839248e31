#include "market/exchange.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cctype>

namespace stack::market {
namespace {

constexpr std::int32_t kAlways = INT32_MIN;

constexpr std::int32_t since(int year, unsigned month, unsigned day) {
  return static_cast<std::int32_t>(
      Date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}}.time_since_epoch().count());
}

constexpr std::int16_t at(int hour, int minute) { return static_cast<std::int16_t>(hour * 60 + minute); }

template <int OpenHour, int OpenMinute, int CloseHour, int CloseMinute>
constexpr std::array<TradingHours, 1> kHours{{{kAlways, at(OpenHour, OpenMinute), at(CloseHour, CloseMinute)}}};

constexpr std::array<TradingHours, 2> kHongKong{{{kAlways, at(10, 0), at(16, 0)},  //
                                                 {since(2011, 3, 7), at(9, 30), at(16, 0)}}};
constexpr std::array<TradingHours, 2> kTokyo{{{kAlways, at(9, 0), at(15, 0)},  //
                                              {since(2024, 11, 5), at(9, 0), at(15, 30)}}};
constexpr std::array<TradingHours, 6> kKorea{{{kAlways, at(9, 30), at(15, 30)},
                                              {since(1978, 4, 1), at(10, 0), at(15, 30)},
                                              {since(1986, 4, 1), at(9, 40), at(15, 20)},
                                              {since(1995, 1, 1), at(9, 30), at(15, 0)},
                                              {since(1998, 12, 7), at(9, 0), at(15, 0)},
                                              {since(2016, 8, 1), at(9, 0), at(15, 30)}}};
constexpr const auto& kNewYork = kHours<9, 30, 16, 0>;
constexpr const auto& kEurope = kHours<9, 0, 17, 30>;
constexpr const auto& kNineToFive = kHours<9, 0, 17, 0>;

constexpr std::array kExchanges{
    Exchange{"XNYS", "New York Stock Exchange", "America/New_York", "USD", kNewYork},
    Exchange{"XNAS", "Nasdaq", "America/New_York", "USD", kNewYork},
    Exchange{"ARCX", "NYSE Arca", "America/New_York", "USD", kNewYork},
    Exchange{"XASE", "NYSE American", "America/New_York", "USD", kNewYork},
    Exchange{"XTSE", "Toronto Stock Exchange", "America/Toronto", "CAD", kNewYork},
    Exchange{"XMEX", "Bolsa Mexicana de Valores", "America/Mexico_City", "MXN", kHours<8, 30, 15, 0>},
    Exchange{"BVMF", "B3, Sao Paulo", "America/Sao_Paulo", "BRL", kHours<10, 0, 17, 0>},
    Exchange{"XLON", "London Stock Exchange", "Europe/London", "GBP", kHours<8, 0, 16, 30>},
    Exchange{"XDUB", "Euronext Dublin", "Europe/Dublin", "EUR", kHours<8, 0, 16, 30>},
    Exchange{"XLIS", "Euronext Lisbon", "Europe/Lisbon", "EUR", kHours<8, 0, 16, 30>},
    Exchange{"XETR", "Xetra", "Europe/Berlin", "EUR", kEurope},
    Exchange{"XFRA", "Frankfurt Stock Exchange", "Europe/Berlin", "EUR", kEurope},
    Exchange{"XPAR", "Euronext Paris", "Europe/Paris", "EUR", kEurope},
    Exchange{"XAMS", "Euronext Amsterdam", "Europe/Amsterdam", "EUR", kEurope},
    Exchange{"XBRU", "Euronext Brussels", "Europe/Brussels", "EUR", kEurope},
    Exchange{"XMIL", "Borsa Italiana", "Europe/Rome", "EUR", kEurope},
    Exchange{"XMAD", "Bolsa de Madrid", "Europe/Madrid", "EUR", kEurope},
    Exchange{"XWBO", "Wiener Boerse", "Europe/Vienna", "EUR", kEurope},
    Exchange{"XSWX", "SIX Swiss Exchange", "Europe/Zurich", "CHF", kEurope},
    Exchange{"XSTO", "Nasdaq Stockholm", "Europe/Stockholm", "SEK", kEurope},
    Exchange{"XCSE", "Nasdaq Copenhagen", "Europe/Copenhagen", "DKK", kNineToFive},
    Exchange{"XHEL", "Nasdaq Helsinki", "Europe/Helsinki", "EUR", kHours<10, 0, 18, 30>},
    Exchange{"XOSL", "Oslo Bors", "Europe/Oslo", "NOK", kHours<9, 0, 16, 20>},
    Exchange{"XWAR", "Warsaw Stock Exchange", "Europe/Warsaw", "PLN", kNineToFive},
    Exchange{"XIST", "Borsa Istanbul", "Europe/Istanbul", "TRY", kHours<10, 0, 18, 0>},
    Exchange{"XJSE", "Johannesburg Stock Exchange", "Africa/Johannesburg", "ZAR", kNineToFive},
    Exchange{"XSAU", "Saudi Exchange", "Asia/Riyadh", "SAR", kHours<10, 0, 15, 0>},
    Exchange{"XBOM", "BSE, Mumbai", "Asia/Kolkata", "INR", kHours<9, 15, 15, 30>},
    Exchange{"XNSE", "National Stock Exchange of India", "Asia/Kolkata", "INR", kHours<9, 15, 15, 30>},
    Exchange{"XHKG", "Hong Kong Stock Exchange", "Asia/Hong_Kong", "HKD", kHongKong, at(12, 0), at(13, 0)},
    Exchange{"XSHG", "Shanghai Stock Exchange", "Asia/Shanghai", "CNY", kHours<9, 30, 15, 0>, at(11, 30), at(13, 0)},
    Exchange{"XSHE", "Shenzhen Stock Exchange", "Asia/Shanghai", "CNY", kHours<9, 30, 15, 0>, at(11, 30), at(13, 0)},
    Exchange{"XTAI", "Taiwan Stock Exchange", "Asia/Taipei", "TWD", kHours<9, 0, 13, 30>},
    Exchange{"XKRX", "Korea Exchange", "Asia/Seoul", "KRW", kKorea},
    Exchange{"XTKS", "Tokyo Stock Exchange", "Asia/Tokyo", "JPY", kTokyo, at(11, 30), at(12, 30)},
    Exchange{"XSES", "Singapore Exchange", "Asia/Singapore", "SGD", kNineToFive},
    Exchange{"XASX", "Australian Securities Exchange", "Australia/Sydney", "AUD", kHours<10, 0, 16, 0>},
    Exchange{"XNZE", "New Zealand Exchange", "Pacific/Auckland", "NZD", kHours<10, 0, 16, 45>},
};

struct IndexHome {
  std::string_view symbol;
  std::string_view mic;
};

// Where the world's main indices are made.
constexpr std::array kIndices{
    IndexHome{"NYA", "XNYS"},  IndexHome{"IXIC", "XNAS"},      IndexHome{"HSI", "XHKG"},
    IndexHome{"KS11", "XKRX"}, IndexHome{"000001.SS", "XSHG"}, IndexHome{"399001.SZ", "XSHE"},
    IndexHome{"SSMI", "XSWX"}, IndexHome{"GSPTSE", "XTSE"},    IndexHome{"GDAXI", "XETR"},
    IndexHome{"TWII", "XTAI"}, IndexHome{"J203.JO", "XJSE"},   IndexHome{"N225", "XTKS"},
    IndexHome{"N100", "XPAR"}, IndexHome{"NSEI", "XNSE"},      IndexHome{"GSPC", "XNYS"},
    IndexHome{"DJI", "XNYS"},  IndexHome{"NDX", "XNAS"},       IndexHome{"FTSE", "XLON"},
    IndexHome{"FCHI", "XPAR"}, IndexHome{"AEX", "XAMS"},       IndexHome{"BSESN", "XBOM"},
    IndexHome{"AXJO", "XASX"}, IndexHome{"STI", "XSES"},       IndexHome{"BVSP", "BVMF"},
};

}  // namespace

std::span<const Exchange> exchanges() { return kExchanges; }

const Exchange* find_exchange(std::string_view mic) {
  for (const Exchange& exchange : kExchanges) {
    if (exchange.mic.size() != mic.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < mic.size() && same; ++i)
      same = exchange.mic[i] == static_cast<char>(std::toupper(static_cast<unsigned char>(mic[i])));
    if (same) return &exchange;
  }
  return nullptr;
}

const Exchange* known_exchange_of(std::string_view symbol) {
  if (symbol.starts_with('^')) symbol.remove_prefix(1);  // as some sources write an index
  for (const IndexHome& index : kIndices)
    if (index.symbol == symbol) return find_exchange(index.mic);
  return nullptr;
}

Result<std::vector<ExchangeOverride>> parse_exchange_overrides(std::string_view text) {
  std::vector<ExchangeOverride> overrides;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t equals = item.rfind('=');
    if (equals == std::string_view::npos || equals == 0)
      return fail(ErrorKind::usage, fmt::format("--exchange: '{}' is not of the form SYMBOL=MIC", item));
    const Exchange* exchange = find_exchange(item.substr(equals + 1));
    if (exchange == nullptr) {
      std::vector<std::string_view> known;
      known.reserve(kExchanges.size());
      for (const Exchange& e : kExchanges) known.push_back(e.mic);
      return fail(ErrorKind::usage, fmt::format("--exchange: '{}' is not a known exchange; known: {}",
                                                item.substr(equals + 1), fmt::join(known, ", ")));
    }
    overrides.push_back({std::string(item.substr(0, equals)), std::string(exchange->mic)});
  }
  return overrides;
}

}  // namespace stack::market
