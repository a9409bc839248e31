"""moto's server, with CloudFormation: as a program of its own.

Its CloudFormation loads all of moto's services, and that of API Gateway a validator of API descriptions, which nothing
here uses: an empty module stands for it."""
import sys
import types

for name in ("openapi_spec_validator", "openapi_spec_validator.validation", "openapi_spec_validator.validation.exceptions"):
    module = types.ModuleType(name)
    module.__path__ = []
    module.validate_spec = None
    module.OpenAPIValidationError = Exception
    sys.modules.setdefault(name, module)

if __name__ == "__main__":
    from moto.server import main

    main(sys.argv[1:])
