"""A CloudFormation template read and worked out by other code than the program's: conditions and values for given
parameters, as far as deploy/aws/stack.yaml uses them."""
import ipaddress
import re

import yaml

NO_VALUE = object()
ACCOUNT, REGION = "123456789012", "eu-central-1"
CLUSTER = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/stack/0c8a1f2e-1111-2222-3333-444455556666-s1"


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader, suffix, node):
    value = (loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else
             loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else
             loader.construct_mapping(node, deep=True))
    if suffix == "Ref":
        return {"Ref": value}
    if suffix == "Condition":
        return {"Condition": value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".")
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


class Template:
    """TEXT for the parameters VALUES; those not named have their defaults."""

    def __init__(self, text, **values):
        self.body = yaml.load(text, _Loader)  # noqa: S506: a safe loader's child
        self.values = {name: str(each.get("Default", "")) for name, each in self.body["Parameters"].items()}
        self.values |= values
        self.pseudo = {"AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws",
                       "AWS::StackName": "stack", "AWS::URLSuffix": "amazonaws.com", "AWS::NoValue": NO_VALUE}

    def holds(self, name):
        """Whether the condition NAME does."""
        return self.value(self.body["Conditions"][name])

    def resources(self):
        """Those that are made, by name, their properties worked out."""
        return {name: {"Type": each["Type"], "Properties": self.value(each.get("Properties", {}))}
                for name, each in self.body["Resources"].items()
                if "Condition" not in each or self.holds(each["Condition"])}

    def reference(self, name):
        """What Ref gives."""
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.values:
            is_list = self.body["Parameters"][name]["Type"] == "CommaDelimitedList"
            return self.values[name].split(",") if is_list else self.values[name]
        return CLUSTER if self.body["Resources"][name]["Type"] == "AWS::MSK::ServerlessCluster" else f"ref-{name}"

    def attribute(self, name, attribute):
        """What Fn::GetAtt gives."""
        resource = self.body["Resources"][name]
        if resource["Type"] == "AWS::IAM::Role" and attribute == "Arn":
            return f"arn:aws:iam::{ACCOUNT}:role/{self.value(resource['Properties']['RoleName'])}"
        if resource["Type"] == "AWS::S3::Bucket" and attribute == "Arn":
            return f"arn:aws:s3:::{self.value(resource['Properties']['BucketName'])}"
        return f"att-{name}-{attribute}"

    def value(self, of):
        """OF with all functions worked out."""
        if isinstance(of, list):
            return [each for each in map(self.value, of) if each is not NO_VALUE]
        if not isinstance(of, dict):
            return of
        if len(of) == 1:
            (name, argument), = of.items()
            if name == "Ref":
                return self.reference(argument)
            if name == "Condition" and isinstance(argument, str) and argument in self.body["Conditions"]:
                return self.holds(argument)
            if name.startswith("Fn::"):
                return getattr(self, "_" + name[4:].lower())(argument)
        return {name: worked for name, worked in ((name, self.value(each)) for name, each in of.items())
                if worked is not NO_VALUE}

    def _sub(self, argument):
        text, names = argument if isinstance(argument, list) else (argument, {})

        def found(match):
            name = match[1]
            if name in names:
                return str(self.value(names[name]))
            return str(self.attribute(*name.split(".", 1)) if "." in name else self.reference(name))
        return re.sub(r"\$\{([A-Za-z0-9:.]+)\}", found, text)

    def _if(self, argument):
        return self.value(argument[1] if self.holds(argument[0]) else argument[2])

    def _getatt(self, argument):
        return self.attribute(*argument)

    def _equals(self, argument):
        left, right = map(self.value, argument)
        return str(left) == str(right)

    def _not(self, argument):
        return not self.value(argument[0])

    def _and(self, argument):
        return all(map(self.value, argument))

    def _select(self, argument):
        return self.value(argument[1])[int(argument[0])]

    def _split(self, argument):
        return self.value(argument[1]).split(argument[0])

    def _base64(self, argument):
        return self.value(argument)

    def _getazs(self, _):
        return [f"{REGION}{letter}" for letter in "abc"]

    def _cidr(self, argument):
        block, count, bits = map(self.value, argument)
        return [str(each) for each in ipaddress.ip_network(block).subnets(new_prefix=32 - int(bits))][:int(count)]
