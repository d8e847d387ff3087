"""A blueprint as CloudFormation and Terraform: complete, in order, and safe against what names hold."""

import yaml

from tests.unit.provision.builders import G5, fair, fifo, quota
from tui.model.blueprint import ShareAnswer
from tui.model.export_cloudformation import cloudformation_text, template_of
from tui.model.export_terraform import terraform_text


def test_every_resource_has_its_type() -> None:
    kinds = [resource["Type"] for resource in template_of(quota())["Resources"].values()]
    assert kinds == [
        "AWS::Batch::ServiceEnvironment",
        "AWS::Batch::SchedulingPolicy",
        "AWS::Batch::JobQueue",
        "AWS::Batch::QuotaShare",
        "AWS::Batch::QuotaShare",
    ]
    assert list(template_of(fifo())["Resources"]) == ["ServiceEnvironment", "JobQueue"]


def test_the_template_is_yaml_that_says_the_same() -> None:
    text = cloudformation_text(fair(tags={"on": "yes"}))
    assert yaml.safe_load(text) == template_of(fair(tags={"on": "yes"}))


def test_references_not_names_tie_it_together() -> None:
    resources = template_of(quota())["Resources"]
    queue = resources["JobQueue"]["Properties"]
    assert queue["SchedulingPolicyArn"] == {"Fn::GetAtt": ["SchedulingPolicy", "Arn"]}
    assert queue["ServiceEnvironmentOrder"][0]["ServiceEnvironment"] == {
        "Fn::GetAtt": ["ServiceEnvironment", "ServiceEnvironmentArn"]
    }
    assert resources["QuotaShareProd"]["Properties"]["JobQueue"] == {
        "Fn::GetAtt": ["JobQueue", "JobQueueArn"]
    }


def test_weights_and_limits_are_all_there() -> None:
    policy = template_of(fair(share_decay_seconds=600))["Resources"]["SchedulingPolicy"]["Properties"]
    assert policy["FairsharePolicy"] == {
        "ShareDecaySeconds": 600,
        "ComputeReservation": 0,
        "ShareDistribution": [
            {"ShareIdentifier": "llm", "WeightFactor": 0.5},
            {"ShareIdentifier": "audio*", "WeightFactor": 2.0},
        ],
    }
    share = template_of(quota())["Resources"]["QuotaShareDev"]["Properties"]
    assert share["CapacityLimits"] == [{"MaxCapacity": 1, "CapacityUnit": G5}]


def test_names_that_differ_by_signs_only_get_their_own_ids() -> None:
    shares = (
        ShareAnswer(name="a-b", capacity=1),
        ShareAnswer(name="aB", capacity=1),
        ShareAnswer(name="a_b", capacity=1),
    )
    resources = template_of(quota(shares=shares))["Resources"]
    assert len([name for name in resources if name.startswith("QuotaShare")]) == 3


def test_terraform_has_a_block_for_each() -> None:
    text = terraform_text(quota())
    for kind in ("service_environment", "scheduling_policy", "job_queue", "quota_share"):
        assert f'resource "awscc_batch_{kind}" "' in text
    assert "awscc_batch_scheduling_policy.scheduling_policy.arn" in text
    assert text.count("{") == text.count("}")


def test_terraforms_own_templates_in_text_stay_text() -> None:
    text = terraform_text(fifo(tags={"owner": '${var.x} %{if} "q"'}))
    assert r'"owner" = "$${var.x} %%{if} \"q\""' in text
