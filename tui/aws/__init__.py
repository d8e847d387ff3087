"""The only folder that imports boto3, botocore or the SageMaker SDK."""
