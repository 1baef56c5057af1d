import { z } from "zod";

import type { ResourceType, Props } from "../fake-provider";
import { undefinedOn, type Client, type Service } from "./client";
import {
  keepOldInputs,
  coerceInputs,
  flag,
  idText,
  toInputDeclaration,
  finishCreate,
  toReadResult,
  validateTypes,
  wholeNumber,
} from "./inputs";

const protocol = z.enum(["http", "https", "tcp"]);

const schema = z.strictObject({
  loadBalancerId: idText,
  protocol,
  listenPort: wholeNumber.optional(),
  destinationPort: wholeNumber.optional(),
  proxyprotocol: flag.optional(),
  http: z
    .strictObject({
      certificates: z.array(wholeNumber).optional(),
      cookieLifetime: wholeNumber.optional(),
      cookieName: z.string().optional(),
      redirectHttp: flag.optional(),
      stickySessions: flag.optional(),
      timeoutIdle: wholeNumber.optional(),
    })
    .optional(),
  healthCheck: z
    .strictObject({
      protocol,
      port: wholeNumber,
      interval: wholeNumber,
      timeout: wholeNumber,
      retries: wholeNumber,
      http: z
        .strictObject({
          domain: z.string().optional(),
          path: z.string().optional(),
          response: z.string().optional(),
          statusCodes: z.array(z.string()).optional(),
          tls: flag.optional(),
        })
        .optional(),
    })
    .optional(),
});

type Inputs = z.infer<typeof schema>;

const COMPUTED = ["listenPort", "destinationPort", "proxyprotocol", "http", "healthCheck"];

/** `hcloud.LoadBalancerService`; its id, also in an import, is `<load balancer>__<listen port>`. */
export function loadBalancerService(client: () => Client): ResourceType {
  const find = async (id: string): Promise<Props | undefined> => {
    const { loadBalancerId, listenPort } = parseId(id);
    const lb = await client().loadBalancer(loadBalancerId);
    const service = lb?.services.find((one) => one.listen_port === listenPort);
    return service && { loadBalancerId, ...toSettings(service) };
  };
  const outputsOf = async (id: string): Promise<Props> => {
    const found = await find(id);
    if (found === undefined)
      throw new Error(`Service ${id} of a load balancer is gone: run "pulumi refresh".`);
    return found;
  };

  return {
    inputs: toInputDeclaration(schema),
    computed: [],
    replaceOn: ["loadBalancerId", "protocol", "listenPort"],
    withDefaults: (inputs, _name, olds) =>
      coerceInputs(
        schema,
        keepOldInputs(inputs, olds, COMPUTED, ["loadBalancerId", "protocol", "listenPort"]),
      ),
    validate: (inputs) => validateTypes(schema, inputs),

    async create(inputs) {
      const service = schema.parse(inputs);
      const usual = { http: 80, https: 443, tcp: undefined }[service.protocol];
      const listen_port = service.listenPort ?? usual;
      await client().act(service.loadBalancerId, "add_service", { ...toBody(service), listen_port });
      const id = `${service.loadBalancerId}__${listen_port ?? ""}`;
      return finishCreate(id, inputs, () => outputsOf(id));
    },
    async read(id, last) {
      const found = await find(id);
      return found && toReadResult(found, {}, last, ["http", "healthCheck"]);
    },
    async update(id, inputs, last) {
      const { loadBalancerId, listenPort } = parseId(id);
      const service = withFormerHttp(schema.parse(inputs), last.outputs);
      const body = { proxyprotocol: false, ...toBody(service), listen_port: listenPort };
      await client().act(loadBalancerId, "update_service", body);
      return outputsOf(id);
    },
    async delete(id) {
      const { loadBalancerId, listenPort } = parseId(id);
      await undefinedOn(
        ["not_found"],
        client().act(loadBalancerId, "delete_service", { listen_port: listenPort }),
      );
    },
  };
}

/**
 * The service, with the `http` block of its last health check where the program gives none: that block is optional and
 * computed in the provider's schema, so the provider sends along what the state holds. Hetzner refuses it for TCP.
 */
function withFormerHttp(service: Inputs, last: Props): Inputs {
  const former = schema.shape.healthCheck.parse(last.healthCheck)?.http;
  return { ...service, healthCheck: service.healthCheck && { http: former, ...service.healthCheck } };
}

function parseId(id: string): { loadBalancerId: string; listenPort: number } {
  const [, loadBalancerId, port] = /^(\d+)__(\d+)$/.exec(id) ?? [];
  if (loadBalancerId === undefined)
    throw new Error(`"${id}" is no id of a LoadBalancerService: want <load balancer>__<listen port>`);
  return { loadBalancerId, listenPort: Number(port) };
}

function toBody({ protocol, destinationPort, proxyprotocol, http, healthCheck }: Inputs): object {
  return {
    protocol,
    destination_port: destinationPort,
    ...(proxyprotocol === undefined ? {} : { proxyprotocol }),
    http: http && {
      certificates: http.certificates,
      cookie_lifetime: http.cookieLifetime,
      cookie_name: http.cookieName,
      redirect_http: http.redirectHttp,
      sticky_sessions: http.stickySessions,
      timeout_idle: http.timeoutIdle,
    },
    health_check: healthCheck && {
      ...healthCheck,
      http: healthCheck.http && toHealthCheckBody(healthCheck.http),
    },
  };
}

function toHealthCheckBody({
  statusCodes,
  ...rest
}: NonNullable<NonNullable<Inputs["healthCheck"]>["http"]>): object {
  return { ...rest, status_codes: statusCodes };
}

function toSettings(service: Service): Props {
  const { http, health_check } = service;
  const { http: checked, ...check } = health_check;
  return {
    protocol: service.protocol,
    listenPort: service.listen_port,
    destinationPort: service.destination_port,
    proxyprotocol: service.proxyprotocol,
    ...(http && {
      http: {
        certificates: http.certificates,
        cookieLifetime: http.cookie_lifetime,
        cookieName: http.cookie_name,
        redirectHttp: http.redirect_http,
        stickySessions: http.sticky_sessions,
        timeoutIdle: http.timeout_idle,
      },
    }),
    healthCheck: { ...check, ...(checked && { http: toHttpCheck(checked) }) },
  };
}

function toHttpCheck({ status_codes, ...rest }: NonNullable<Service["health_check"]["http"]>): Props {
  return { ...rest, statusCodes: status_codes };
}
