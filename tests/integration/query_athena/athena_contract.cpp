// The contract of query engines, run for AthenaEngine against the server that $STACK_ATHENA_URL names, whose table
// `quotes` holds kContractRows.
#include <cstdlib>

#include "../../unit/query/engine_contract.hpp"
#include "query/athena_engine.hpp"

namespace stack::query {
namespace {

struct Opened {
  SystemClock clock;
  StopFlag stop;
  std::unique_ptr<aws::ServiceClient> client;
  std::unique_ptr<AthenaEngine> engine;
};

std::shared_ptr<QueryEngine> open_engine() {
  auto opened = std::make_shared<Opened>();
  const char* url = std::getenv("STACK_ATHENA_URL");
  auto client = aws::ServiceClient::open(
      aws::kAthena, {.region = "us-east-1", .endpoint = url == nullptr ? "" : url},
      std::make_shared<aws::CredentialProvider>(aws::Environment{}, aws::ProviderOptions{}, opened->clock),
      opened->clock);
  if (!client) throw std::runtime_error(client.error().message);
  opened->client = *std::move(client);
  opened->engine =
      std::make_unique<AthenaEngine>(*opened->client, *opened->client,
                                     AthenaOptions{.database = "stack", .first_wait = Milliseconds{1}}, opened->stop);
  return {opened, opened->engine.get()};
}

INSTANTIATE_TEST_SUITE_P(Athena, QueryEngineContract, testing::Values(EngineFactory{"Athena", open_engine}),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace stack::query
