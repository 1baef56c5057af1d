import { z } from "zod";

import type { ResourceType, Props } from "../fake-provider";
import { undefinedOn, type Client, type Service } from "./client";
import { toInputDeclaration, finishCreate, toReadResult, validateTypes } from "./inputs";

const protocol = z.enum(["http", "tcp"]);

const schema = z.strictObject({
  loadBalancerId: z.string(),
  protocol,
  listenPort: z.int(),
  destinationPort: z.int(),
  proxyprotocol: z.boolean(),
  healthCheck: z.strictObject({
    protocol,
    port: z.int(),
    interval: z.int(),
    timeout: z.int(),
    retries: z.int(),
    http: z
      .strictObject({
        domain: z.string(),
        path: z.string(),
        response: z.string(),
        statusCodes: z.array(z.string()),
        tls: z.boolean(),
      })
      .optional(),
  }),
});

type Inputs = z.infer<typeof schema>;

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
    validate: (inputs) => validateTypes(schema, inputs),

    async create(inputs) {
      const service = schema.parse(inputs);
      await client().act(service.loadBalancerId, "add_service", toBody(service));
      const id = `${service.loadBalancerId}__${service.listenPort}`;
      return finishCreate(id, inputs, () => outputsOf(id));
    },
    async read(id, last) {
      const found = await find(id);
      return found && toReadResult(found, {}, last);
    },
    async update(id, inputs, last) {
      const service = withFormerHttp(schema.parse(inputs), last.outputs);
      await client().act(service.loadBalancerId, "update_service", toBody(service));
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
  const { http } = schema.shape.healthCheck.parse(last.healthCheck);
  return { ...service, healthCheck: { http, ...service.healthCheck } };
}

function parseId(id: string): { loadBalancerId: string; listenPort: number } {
  const [, loadBalancerId, port] = /^(\d+)__(\d+)$/.exec(id) ?? [];
  if (loadBalancerId === undefined)
    throw new Error(`"${id}" is no id of a LoadBalancerService: want <load balancer>__<listen port>`);
  return { loadBalancerId, listenPort: Number(port) };
}

function toBody({ protocol, listenPort, destinationPort, proxyprotocol, healthCheck }: Inputs): object {
  const { statusCodes, ...http } = healthCheck.http ?? {};
  return {
    protocol,
    listen_port: listenPort,
    destination_port: destinationPort,
    proxyprotocol,
    health_check: {
      ...healthCheck,
      http: healthCheck.http && { ...http, status_codes: statusCodes },
    },
  };
}

function toSettings(service: Service): Props {
  const { http, ...check } = service.health_check;
  const { status_codes, ...rest } = http ?? {};
  return {
    protocol: service.protocol,
    listenPort: service.listen_port,
    destinationPort: service.destination_port,
    proxyprotocol: service.proxyprotocol,
    healthCheck: { ...check, ...(http && { http: { ...rest, statusCodes: status_codes } }) },
  };
}
