"""The AWS endpoint without its socket: a request in, a response out, or None for a dropped connection."""

import os
import sys
import threading
import time
import traceback
from collections import Counter
from typing import Any

from tui.sandbox.errors import AwsError
from tui.sandbox.faults import Dice, Faults
from tui.sandbox.service import Answer, Call, Encoded, Service
from tui.sandbox.services.access import action_of, refused, resource_of
from tui.sandbox.services.directory import Services
from tui.sandbox.wire.catalog import BY_NAME, SERVICES, Traits
from tui.sandbox.wire.constraints import refusal
from tui.sandbox.wire.message import Request, Response
from tui.sandbox.wire.model import Operation, load
from tui.sandbox.wire.protocol import WireProtocol
from tui.sandbox.wire.routing import protocol_of, service_of, signature_of
from tui.sandbox.world import World


class Endpoint:
    """Answers the requests of AWS clients with the services of one world. Any thread may call `answer`.

    `faults` may be replaced at any time. `calls` counts requests by IAM-style name (`batch:ListServiceJobs`),
    refused ones included.
    """

    def __init__(self, world: World, faults: Faults) -> None:
        self.faults = faults
        self.calls: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._world = world
        self._services = Services(world, lambda action: self.faults.denies(action))
        self._dice = Dice(world.seed)

    def warm_up(self) -> None:
        """Load what the first Batch call needs, so that it need not wait for it."""
        protocol_of(SERVICES[0], Request("POST", "/", {}, {}, b""))
        self._services.get("batch")

    def catch_up(self) -> None:
        """Let happen what is due. An event that fails is told, and spoils neither the next nor a call."""
        try:
            self._world.advance()
        except Exception:
            traceback.print_exc(file=sys.stderr)

    def answer(self, request: Request) -> Response | None:
        """Carry out one request. Never raises: what goes wrong is an AWS error too."""
        request_id = _request_id()
        signature = signature_of(request)
        traits = service_of(request, signature)
        if traits is None:
            return _unknown_service(request, signature.scope, request_id)
        protocol = protocol_of(traits, request)
        try:
            name = protocol.operation(request)
            with self._counting:
                self.calls[f"{traits.prefix}:{name}"] += 1
            return self._perform(traits, protocol, name, request, request_id)
        except AwsError as error:
            return protocol.error(error, request_id)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            code, status = traits.failed
            return protocol.error(AwsError(code, "An internal error of the sandbox", status), request_id)

    def _perform(
        self, traits: Traits, protocol: WireProtocol, name: str, request: Request, request_id: str
    ) -> Response | None:
        faults = self.faults
        if faults.latency_ms:
            time.sleep(faults.latency_ms / 1000)
        dropped = self._dice.strikes(faults.drop)
        if dropped and self._dice.strikes(0.5):
            return None
        operation = load(traits.name).operation(name)
        assert operation is not None, name
        self._strike(traits, faults)
        params = protocol.read(operation, request)
        signature = signature_of(request)
        self._authorise(traits, name, params, signature.access_key)
        problem = refusal(operation.input, params) if operation.input else ""
        if problem:
            raise AwsError(traits.invalid, problem)
        call = Call(
            operation=name,
            params=params,
            body=request.body,
            headers=request.headers,
            region=signature.region or self._world.region,
            access_key=signature.access_key,
        )
        response = self._carry_out(self._services.get(traits.name), operation, protocol, call, request_id)
        return None if dropped else response

    def _strike(self, traits: Traits, faults: Faults) -> None:
        """The faults that hit before a request is even read."""
        if faults.expired:
            code, status = traits.expired
            raise AwsError(code, "The security token included in the request is expired", status)
        if self._dice.strikes(faults.throttle):
            code, status, message = traits.throttled
            raise AwsError(code, message, status)
        if self._dice.strikes(faults.error):
            code, status = traits.failed
            raise AwsError(code, "An internal error occurred. Try again later.", status)

    def _authorise(self, traits: Traits, name: str, params: dict[str, Any], access_key: str) -> None:
        action = action_of(traits.prefix, name)
        if not self.faults.denied and not access_key.startswith("ASIA"):
            return  # the administrator, as nearly always
        resource = resource_of(self._world, traits.name, params)
        if not self._services.allows(access_key, action, resource):
            code, status = traits.denied
            caller = self._services.identity.caller(access_key)
            raise AwsError(code, refused(caller, action, resource), status)

    def _carry_out(
        self, service: Service, operation: Operation, protocol: WireProtocol, call: Call, request_id: str
    ) -> Response:
        """One operation at a time, from reading the state of this moment to having its answer encoded."""
        with self._world.lock:
            self.catch_up()
            answer: Answer = service.call(call)
            if not isinstance(answer, Encoded):
                return protocol.write(operation, answer, request_id)
        headers = {"content-type": protocol.content_type(), "x-amzn-requestid": request_id, **answer.headers}
        return Response(200, headers, answer.body)


def _request_id() -> str:
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _unknown_service(request: Request, scope: str, request_id: str) -> Response:
    """The protocol of a service that is not known is not known either: XML for a form, else likely JSON."""
    name = scope or request.headers.get("x-amz-target", "")
    known = ", ".join(traits.name for traits in SERVICES)
    message = f"The sandbox does not simulate {name}; it has {known}."
    protocol = protocol_of(BY_NAME["sts" if b"Action=" in request.body else "logs"], request)
    return protocol.error(AwsError("UnknownOperationException", message, 404), request_id)
