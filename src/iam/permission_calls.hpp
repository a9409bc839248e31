// Permissions asked for by calls that change nothing: of objects, uploads, tables, partitions and crawlers that are not
// there, which a service says only to those who may; and of uploads that are begun and given up at once. In a bucket
// with versions a removal that was tried leaves a marker behind.
// Thread-safety: as the clients. What a call cannot tell stays Verdict::unasked.
#pragma once

#include <span>
#include <string>

#include "aws/s3_client.hpp"
#include "aws/service_client.hpp"
#include "iam/permission.hpp"

namespace stack::iam {

// Of the bucket that CLIENT is for; those that depend on the form of a request, as claims' do, are left.
void ask_s3(aws::S3Client& client, std::span<Permission> permissions);

// GLUE: a client of kGlue. On DATABASE, which need not be there.
void ask_glue(aws::ServiceClient& glue, const std::string& database, std::span<Permission> permissions);

// ATHENA: a client of kAthena. Queries themselves are not begun.
void ask_athena(aws::ServiceClient& athena, const std::string& workgroup, const std::string& database,
                std::span<Permission> permissions);

}  // namespace stack::iam
