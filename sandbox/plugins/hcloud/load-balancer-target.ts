import { createHash } from "node:crypto";

import { z } from "zod";

import { UNKNOWN, type InputError, type ResourceType, type Props } from "../fake-provider";
import { undefinedOn, type Client, type Target } from "./client";
import { toInputDeclaration, toReadResult, validateTypes } from "./inputs";

const schema = z.strictObject({
  loadBalancerId: z.int(),
  type: z.enum(["server", "label_selector", "ip"]),
  serverId: z.int().optional(),
  labelSelector: z.string().optional(),
  ip: z.string().optional(),
  usePrivateIp: z.literal(true).optional(),
});

const IDENTIFIER: Readonly<Record<string, string>> = {
  server: "serverId",
  label_selector: "labelSelector",
  ip: "ip",
};
const IDENTIFIERS = Object.values(IDENTIFIER);

/**
 * `hcloud.LoadBalancerTarget`. Ids are the provider's: `lb-srv-tgt-<server>-<load balancer>`,
 * `lb-label-selector-tgt-<SHA-256 of it>-<load balancer>`, `lb-ip-tgt-<SHA-256 of it>-<load balancer>`. The id in an
 * import is `<load balancer>__<type>__<server, selector or address>`.
 */
export function loadBalancerTarget(client: () => Client): ResourceType {
  const find = async (id: string): Promise<Found | undefined> => {
    const [, front, back] = /^(\d+)__|-(\d+)$/.exec(id) ?? [];
    const lbId = front ?? back;
    if (lbId === undefined)
      throw new Error(`"${id}" is no id of a LoadBalancerTarget: want <load balancer>__<type>__<identifier>`);
    const lb = await client().loadBalancer(lbId);
    const target = lb?.targets.find((one) => toIds(lbId, one).includes(id));
    return target && { lbId: Number(lbId), target };
  };

  return {
    inputs: toInputDeclaration(schema),
    computed: [],
    replaceOn: ["loadBalancerId", ...IDENTIFIERS],
    validate: (inputs) => [...validateTypes(schema, inputs), ...validateIdentity(inputs)],

    async create(inputs) {
      const { loadBalancerId: lbId, ...rest } = schema.parse(inputs);
      const target = toTarget(rest);
      await undefinedOn(["target_already_defined"], client().act(lbId, "add_target", target));
      return { id: toIds(lbId, target)[0], outputs: toSettings({ lbId, target }) };
    },
    async read(id, last) {
      const found = await find(id);
      return (
        found && { id: toIds(found.lbId, found.target)[0], ...toReadResult(toSettings(found), {}, last) }
      );
    },
    update: () => Promise.reject(new Error("a target cannot be updated: the stand-in replaces it")),
    async delete(id) {
      const found = await find(id);
      if (found === undefined) return;
      const gone = ["not_found", "load_balancer_target_not_found"];
      await undefinedOn(gone, client().act(found.lbId, "remove_target", toIdentity(found.target)));
    },
  };
}

interface Found {
  readonly lbId: number;
  readonly target: Target;
}

function validateIdentity(inputs: Props): InputError[] {
  const given = IDENTIFIERS.filter((key) => inputs[key] !== undefined);
  if (given.length !== 1) {
    const reason = `give exactly one of ${IDENTIFIERS.join(", ")}, not ${given.join(" and ") || "none"}`;
    return [{ property: "type", reason }];
  }
  if (inputs.ip !== undefined && inputs.usePrivateIp !== undefined)
    return [{ property: "usePrivateIp", reason: "a target of type ip has no private address: leave it out" }];
  if (inputs.ip === undefined && inputs.usePrivateIp === undefined)
    return [{ property: "usePrivateIp", reason: "the stand-in has targets with a private address only" }];
  const wanted = typeof inputs.type === "string" ? IDENTIFIER[inputs.type] : undefined;
  if (inputs.type === UNKNOWN || wanted === undefined || given.includes(wanted)) return [];
  return [{ property: wanted, reason: `required, since type is "${String(inputs.type)}"` }];
}

function toTarget({
  type,
  serverId,
  labelSelector,
  ip,
}: Omit<z.infer<typeof schema>, "loadBalancerId" | "usePrivateIp">): Target {
  if (type === "server") return { type, server: { id: serverId ?? 0 }, use_private_ip: true };
  if (type === "ip") return { type, ip: { ip: ip ?? "" }, use_private_ip: false };
  return { type, label_selector: { selector: labelSelector ?? "" }, use_private_ip: true };
}

function toIdentity(target: Target): object {
  const { type } = target;
  if (type === "server") return { type, server: { id: target.server.id } };
  if (type === "ip") return { type, ip: { ip: target.ip.ip } };
  return { type, label_selector: { selector: target.label_selector.selector } };
}

/** The provider's id, and the id of an import. */
function toIds(lb: number | string, target: Target): [string, string] {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  if (target.type === "server")
    return [`lb-srv-tgt-${target.server.id}-${lb}`, `${lb}__server__${target.server.id}`];
  if (target.type === "ip") return [`lb-ip-tgt-${hash(target.ip.ip)}-${lb}`, `${lb}__ip__${target.ip.ip}`];
  const { selector } = target.label_selector;
  return [`lb-label-selector-tgt-${hash(selector)}-${lb}`, `${lb}__label_selector__${selector}`];
}

function toSettings({ lbId, target }: Found): Props {
  return {
    loadBalancerId: lbId,
    type: target.type,
    ...(target.type === "server" && { serverId: target.server.id }),
    ...(target.type === "label_selector" && { labelSelector: target.label_selector.selector }),
    ...(target.type === "ip" ? { ip: target.ip.ip } : { usePrivateIp: true }),
  };
}
