"""Pages of the AWS console about a training job."""

from urllib.parse import quote

from tui.model.training import name_of

_DOMAINS = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
_GROUP = "$252Faws$252Fsagemaker$252FTrainingJobs"


def _console(arn: str) -> tuple[str, str]:
    """(host, region) of the console for the region and partition of an ARN."""
    parts = (arn.split(":") + [""] * 4)[:4]
    region = quote(parts[3], safe="")
    return f"{region}.{_DOMAINS.get(parts[1], 'console.aws.amazon.com')}", region


def training_job_page(arn: str) -> str:
    """The training job's own page."""
    host, region = _console(arn)
    return f"https://{host}/sagemaker/home?region={region}#/jobs/{quote(name_of(arn), safe='')}"


def logs_page(arn: str) -> str:
    """Its log streams in CloudWatch."""
    host, region = _console(arn)
    prefix = quote(name_of(arn), safe="")
    return (
        f"https://{host}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{_GROUP}"
        f"$3FlogStreamNameFilter$3D{prefix}$252F"
    )


def s3_page(uri: str, arn: str) -> str:
    """An S3 location, by the region of an ARN; empty if the URI is none of S3."""
    if not uri.startswith("s3://"):
        return ""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    host, region = _console(arn)
    return f"https://{host}/s3/buckets/{quote(bucket, safe='')}?region={region}&prefix={quote(key)}"


def batch_page(job_arn: str) -> str:
    """The console of Batch in the job's region."""
    host, region = _console(job_arn)
    return f"https://{host}/batch/home?region={region}"
