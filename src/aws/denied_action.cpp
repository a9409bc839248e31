#include "aws/denied_action.hpp"

namespace stack::aws {
namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

std::string advice_on_denied(std::string_view action, std::string_view service) {
  if (service == "cloudformation")
    return "deploying takes credentials that may make, change and remove all that is in the deployment, as an "
           "administrator's: choose them with AWS_PROFILE or --role-arn";
  if (action.starts_with("iam:Simulate"))
    return "no role of stack holds it: allow it to whoever checks the roles, or go on without";
  // By the one who starts Glue's crawler, for the role that the crawler works as.
  if (action == "iam:PassRole" || (action.starts_with("glue:") && (has(action, "Crawl") || has(action, "TagResource"))))
    return "`stack iam print crawler --lake s3://BUCKET/PREFIX --account ACCOUNT --crawler-role ROLE` prints the "
           "policy "
           "of who runs AWS Glue's crawlers as ROLE";
  if (action.starts_with("kms:"))
    return "the key's policy must allow it, and the role's: `stack iam print ROLE … --s3-kms-key KEY` prints the "
           "latter";
  if (action.starts_with("athena:") || service == "athena")
    return "`stack iam print analyst --lake s3://BUCKET/PREFIX --account ACCOUNT --output-location "
           "s3://RESULTS/PREFIX` "
           "prints the policy of who queries with Amazon Athena";
  if (action.starts_with("glue:Get") || action.starts_with("glue:BatchGet"))
    return "`stack iam print analyst --lake s3://BUCKET/PREFIX --account ACCOUNT --output-location "
           "s3://RESULTS/PREFIX` "
           "prints the policy of who reads the catalog, `stack iam print crawler --lake s3://BUCKET/PREFIX --account "
           "ACCOUNT` that of who writes it";
  if (action.starts_with("glue:"))
    return "`stack iam print crawler --lake s3://BUCKET/PREFIX --account ACCOUNT` prints the policy of who writes the "
           "catalog, `stack iam print sink --lake s3://BUCKET/PREFIX --register --catalog glue …` that of a sink that "
           "does";
  return "ask whoever gives out the permissions of the account for it";
}

}  // namespace stack::aws
