"""Every service in its own protocol, as boto3 and AWS's other clients speak it."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import cbor2
import pytest
import urllib3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from tests.conftest import Running

_PARTS = TransferConfig(multipart_threshold=8 * 1024 * 1024)


def refused(call: Any, **params: Any) -> ClientError:
    with pytest.raises(ClientError) as error:
        call(**params)
    return error.value


def policy_document(*actions: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": actions, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def code_of(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def test_batch_errors_carry_message_where_clients_read_it(sandbox: Running) -> None:
    error = refused(sandbox.client("batch").list_service_jobs, jobQueue="nosuch")
    assert code_of(error) == "ClientException"
    assert "nosuch" in error.response["Error"]["Message"]
    assert error.response.get("message") == error.response["Error"]["Message"]
    metadata = error.response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 400
    assert metadata["HTTPHeaders"]["x-amzn-errortype"] == "ClientException"
    assert len(metadata["RequestId"]) == 36


def test_every_service_names_its_errors(sandbox: Running) -> None:
    client = sandbox.client
    for error, code in (
        (refused(client("sagemaker").describe_training_job, TrainingJobName="no"), "ValidationException"),
        (refused(client("iam").get_role, RoleName="no"), "NoSuchEntity"),
        (refused(client("s3").get_object, Bucket="none", Key="k"), "NoSuchBucket"),
        (
            refused(client("logs").get_log_events, logGroupName="/no", logStreamName="s"),
            "ResourceNotFoundException",
        ),
        (
            refused(
                client("sts").assume_role,
                RoleArn="arn:aws:iam::123456789012:role/missing",
                RoleSessionName="me",
            ),
            "AccessDenied",
        ),
        (
            refused(
                client("cloudwatch").get_metric_data,
                MetricDataQueries=[],
                StartTime=datetime(2026, 1, 2, tzinfo=UTC),
                EndTime=datetime(2026, 1, 1, tzinfo=UTC),
            ),
            "ValidationError",
        ),
    ):
        assert code_of(error) == code
        assert error.response["ResponseMetadata"]["RequestId"]


def test_operations_that_are_not_there_are_named(sandbox: Running) -> None:
    for error in (
        refused(sandbox.client("batch").list_jobs, jobQueue="q"),
        refused(sandbox.client("sagemaker").list_endpoints),
        refused(sandbox.client("iam").list_users),
        refused(sandbox.client("s3").list_bucket_metrics_configurations, Bucket="bucket"),
        refused(sandbox.client("cloudwatch").list_dashboards),
        refused(sandbox.client("ecr").describe_repositories),
    ):
        assert "sandbox" in error.response["Error"]["Message"]


def test_identity_and_roles(sandbox: Running) -> None:
    sts, iam = sandbox.client("sts"), sandbox.client("iam")
    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/sandbox"
    trust = policy_document("sts:AssumeRole", Principal={"AWS": "123456789012"})
    arn = iam.create_role(RoleName="viewer", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    assert (
        code_of(refused(iam.create_role, RoleName="viewer", AssumeRolePolicyDocument=trust))
        == "EntityAlreadyExists"
    )
    look = policy_document("batch:Describe*", "batch:List*", Resource="*")
    iam.put_role_policy(RoleName="viewer", PolicyName="look", PolicyDocument=look)
    role = iam.get_role(RoleName="viewer")["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": "123456789012"}
    policy = iam.get_role_policy(RoleName="viewer", PolicyName="look")["PolicyDocument"]
    assert policy["Statement"][0]["Action"] == ["batch:Describe*", "batch:List*"]
    results = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=["batch:ListServiceJobs", "batch:SubmitServiceJob"]
    )["EvaluationResults"]
    assert [result["EvalDecision"] for result in results] == ["allowed", "implicitDeny"]

    given = sts.assume_role(RoleArn=arn, RoleSessionName="alice")["Credentials"]
    session = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    mine = sandbox.client("sts", **session).get_caller_identity()["Arn"]
    assert mine == "arn:aws:sts::123456789012:assumed-role/viewer/alice"
    batch = sandbox.client("batch", **session)
    assert batch.describe_job_queues()["jobQueues"] == []
    denied = refused(batch.terminate_service_job, jobId="x", reason="r")
    assert code_of(denied) == "AccessDeniedException"
    assert f"User: {mine} is not authorized to perform: batch:TerminateServiceJob" in str(denied)

    assert code_of(refused(iam.delete_role, RoleName="viewer")) == "DeleteConflict"
    iam.delete_role_policy(RoleName="viewer", PolicyName="look")
    iam.delete_role(RoleName="viewer")
    assert iam.list_roles()["Roles"] == []


def test_managed_policies_and_the_linked_role(sandbox: Running) -> None:
    iam = sandbox.client("iam")
    linked = iam.create_service_linked_role(AWSServiceName="sagemaker-queuing.batch.amazonaws.com")["Role"]
    assert linked["RoleName"] == "AWSServiceRoleForAWSBatchWithSagemaker"
    document = policy_document("batch:*", Resource="*")
    arn = iam.create_policy(PolicyName="all", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=linked["RoleName"], PolicyArn=arn)
    full = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    iam.attach_role_policy(RoleName=linked["RoleName"], PolicyArn=full)
    attached = iam.list_attached_role_policies(RoleName=linked["RoleName"])["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["all", "AmazonSageMakerFullAccess"]
    assert code_of(refused(iam.delete_policy, PolicyArn=arn)) == "DeleteConflict"
    for each in (arn, full):
        iam.detach_role_policy(RoleName=linked["RoleName"], PolicyArn=each)
    iam.delete_policy(PolicyArn=arn)
    assert iam.list_policies(Scope="Local")["Policies"] == []
    error = refused(iam.create_policy, PolicyName="bad", PolicyDocument="{")
    assert code_of(error) == "MalformedPolicyDocument"


def test_the_user_may_do_all_but_what_is_denied_on_order(make_sandbox: Any) -> None:
    sandbox: Running = make_sandbox(faults="denied=batch:UpdateServiceJob")
    results = sandbox.client("iam").simulate_principal_policy(
        PolicySourceArn="arn:aws:iam::123456789012:user/sandbox",
        ActionNames=["batch:UpdateServiceJob", "batch:TerminateServiceJob"],
    )["EvaluationResults"]
    assert [result["EvalDecision"] for result in results] == ["implicitDeny", "allowed"]


def test_objects_come_back_as_they_went(sandbox: Running) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="code")
    s3.create_bucket(Bucket="code")
    body = bytes(range(256)) * 10
    etag = s3.put_object(Bucket="code", Key="a b/é+?.bin", Body=body, Metadata={"who": "me"})["ETag"]
    got = s3.get_object(Bucket="code", Key="a b/é+?.bin")
    assert got["Body"].read() == body
    assert (got["ETag"], got["Metadata"]) == (etag, {"who": "me"})
    assert s3.get_object(Bucket="code", Key="a b/é+?.bin", Range="bytes=10-19")["Body"].read() == body[10:20]
    assert code_of(refused(s3.head_object, Bucket="code", Key="none")) == "404"
    s3.put_object(Bucket="code", Key="top", Body=b"")
    listed = s3.list_objects_v2(Bucket="code", Delimiter="/")
    assert [item["Key"] for item in listed["Contents"]] == ["top"]
    assert [item["Prefix"] for item in listed["CommonPrefixes"]] == ["a b/"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="code", PaginationConfig={"PageSize": 1})
    assert [item["Key"] for page in pages for item in page["Contents"]] == ["a b/é+?.bin", "top"]
    s3.copy_object(Bucket="code", Key="copy", CopySource={"Bucket": "code", "Key": "a b/é+?.bin"})
    assert s3.head_object(Bucket="code", Key="copy")["ContentLength"] == len(body)
    assert code_of(refused(s3.delete_bucket, Bucket="code")) == "BucketNotEmpty"
    keys = [{"Key": key} for key in ("top", "copy", "a b/é+?.bin")]
    assert len(s3.delete_objects(Bucket="code", Delete={"Objects": keys})["Deleted"]) == 3
    s3.delete_bucket(Bucket="code")
    assert s3.list_buckets()["Buckets"] == []
    assert code_of(refused(s3.create_bucket, Bucket="Not_Right")) == "InvalidBucketName"


def test_big_files_go_up_in_parts(sandbox: Running, tmp_path: Any) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="code")
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"0123456789abcdef" * 1_250_000)
    s3.upload_file(str(source), "code", "big")
    s3.download_file("code", "big", str(target))
    assert target.read_bytes() == source.read_bytes()
    assert s3.head_object(Bucket="code", Key="big")["ETag"].endswith('-3"')
    s3.copy({"Bucket": "code", "Key": "big"}, "code", "copied in parts", Config=_PARTS)
    assert s3.get_object(Bucket="code", Key="copied in parts")["Body"].read() == source.read_bytes()
    url = s3.generate_presigned_url("put_object", {"Bucket": "code", "Key": "by url"})
    assert urllib3.PoolManager().request("PUT", url, body=source.read_bytes()).status == 200
    assert s3.head_object(Bucket="code", Key="by url")["ContentLength"] == 20_000_000
    upload = s3.create_multipart_upload(Bucket="code", Key="never")["UploadId"]
    s3.abort_multipart_upload(Bucket="code", Key="never", UploadId=upload)
    error = refused(s3.upload_part, Bucket="code", Key="never", UploadId=upload, PartNumber=1, Body=b"x")
    assert code_of(error) == "NoSuchUpload"


def test_a_copy_may_have_metadata_of_its_own(sandbox: Running) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="a", Body=b"x", Metadata={"kept": "yes"})
    source = {"Bucket": "code", "Key": "a"}
    s3.copy_object(Bucket="code", Key="b", CopySource=source)
    assert s3.head_object(Bucket="code", Key="b")["Metadata"] == {"kept": "yes"}
    new = {"MetadataDirective": "REPLACE", "Metadata": {"new": "1"}, "ContentType": "text/plain"}
    s3.copy_object(Bucket="code", Key="b", CopySource=source, **new)
    found = s3.head_object(Bucket="code", Key="b")
    assert (found["Metadata"], found["ContentType"]) == ({"new": "1"}, "text/plain")


def test_a_bucket_may_have_the_name_of_the_sandboxs_own_paths(sandbox: Running) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="sandbox")
    s3.put_object(Bucket="sandbox", Key="state", Body=b"mine")
    assert s3.get_object(Bucket="sandbox", Key="state")["Body"].read() == b"mine"
    url = s3.generate_presigned_url("get_object", {"Bucket": "sandbox", "Key": "state"})
    assert urllib3.PoolManager().request("GET", url).data == b"mine"


def test_buckets_may_be_in_the_host(sandbox: Running) -> None:
    sandbox.client("s3").create_bucket(Bucket="code")
    http = urllib3.PoolManager()
    host = {"host": f"code.localhost:{sandbox.url.rpartition(':')[2]}"}
    assert http.request("PUT", f"{sandbox.url}/a/key", body=b"hi", headers=host).status == 200
    assert http.request("GET", f"{sandbox.url}/code/a/key").data == b"hi"
    assert b"<Key>a/key</Key>" in http.request("GET", f"{sandbox.url}/?list-type=2", headers=host).data


def cbor(sandbox: Running, operation: str, body: bytes, **headers: str) -> tuple[int, Any, dict[str, str]]:
    given = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    url = f"{sandbox.url}/service/GraniteServiceVersion20100801/operation/{operation}"
    answer = urllib3.PoolManager().request("POST", url, body=body, headers=given)
    return answer.status, cbor2.loads(answer.data), dict(answer.headers)


def test_cloudwatch_in_cbor(sandbox: Running) -> None:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    query = {
        "Id": "a",
        "MetricStat": {
            "Metric": {"Namespace": "/aws/sagemaker/TrainingJobs", "MetricName": "GPUUtilization"},
            "Period": 60,
            "Stat": "Average",
        },
    }
    request = {"MetricDataQueries": [query], "StartTime": start, "EndTime": end}
    body = cbor2.dumps(request, datetime_as_timestamp=True)
    for packed, headers in ((body, {}), (gzip.compress(body), {"content_encoding": "gzip"})):
        status, answer, sent = cbor(sandbox, "GetMetricData", packed, **headers)
        assert status == 200
        assert sent["smithy-protocol"] == "rpc-v2-cbor"
        assert answer["MetricDataResults"] == [
            {"Id": "a", "Label": "GPUUtilization", "Timestamps": [], "Values": [], "StatusCode": "Complete"}
        ]
    swapped = cbor2.dumps(request | {"StartTime": end, "EndTime": start}, datetime_as_timestamp=True)
    status, answer, sent = cbor(sandbox, "GetMetricData", swapped)
    assert (status, answer["__type"]) == (400, "ValidationError")
    assert sent["x-amzn-query-error"] == "ValidationError;Sender"
    assert cbor(sandbox, "GetMetricData", b"\xff\xff")[1]["__type"] == "SerializationException"
    assert cbor(sandbox, "Nonsense", b"")[0] == 404


def test_calls_without_a_signature_find_their_service(sandbox: Running) -> None:
    http = urllib3.PoolManager()
    described = http.request("POST", f"{sandbox.url}/v1/describejobqueues", body=b"{}")
    assert described.json() == {"jobQueues": []}
    form = b"Action=GetCallerIdentity&Version=2011-06-15"
    assert b"user/sandbox</Arn>" in http.request("POST", sandbox.url, body=form).data
    target = {"x-amz-target": "SageMaker.ListTrainingJobs"}
    listed = http.request("POST", sandbox.url, body=b"{}", headers=target).json()
    assert listed == {"TrainingJobSummaries": []}
    assert b"ListBucketsResult" in http.request("GET", f"{sandbox.url}/").data
