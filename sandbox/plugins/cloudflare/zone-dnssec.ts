import { UNKNOWN, type ResourceType, type ReadResult, type Props } from "../fake-provider";
import { isImport, undefinedIfGone } from "./resource-address";
import type { Client, Json } from "./client";
import { fromApi, object, toApi } from "./shape";

const switches = ["dnssecMultiSigner", "dnssecPresigned", "dnssecUseNsec3"] as const;

const outputs =
  "algorithm digest digestAlgorithm digestType ds flags keyTag keyType modifiedOn publicKey".split(" ");

const shape = object(["status", ...switches, ...outputs].join(" "));

/**
 * `cloudflare:index/zoneDnssec:ZoneDnssec`. Its id and its import id are the zone's. Until the registrar has the DS
 * record the API answers `pending` where the program says `active`, which a refresh shows as a change.
 */
export function zoneDnssec(client: () => Client): ResourceType {
  const patch = async (zone: string, body: Props) =>
    toComputed(await client().call("PATCH", dnssecPath(zone), { body }));
  return {
    inputs: {
      dnssecMultiSigner: "optional",
      dnssecPresigned: "optional",
      dnssecUseNsec3: "optional",
      status: "optional",
      zoneId: "required",
    },
    computed: outputs,
    replaceOn: ["zoneId"],
    validate: ({ status }) =>
      [undefined, UNKNOWN, "active", "disabled"].includes(status as string | undefined)
        ? []
        : [
            {
              property: "status",
              reason: `value must be one of: ["active" "disabled"], got: ${JSON.stringify(status)}`,
            },
          ],
    async create({ zoneId, ...said }) {
      const zone = String(zoneId);
      return { id: zone, outputs: await patch(zone, toApi(said, shape) as Json) };
    },
    async read(id, last) {
      const found = await undefinedIfGone(client().call("GET", dnssecPath(id)));
      if (found === undefined) return undefined;
      return { id, inputs: toInputs(id, found, last), outputs: toComputed(found) };
    },
    async update(id, inputs, last) {
      const changed = Object.entries(inputs).filter(([key, value]) => value !== last.inputs[key]);
      return patch(id, toApi(Object.fromEntries(changed), shape) as Json);
    },
    async delete(id) {
      await patch(id, { status: "disabled" });
      await client().call("DELETE", dnssecPath(id));
    },
  };
}

const dnssecPath = (zone: string): string => `zones/${zone}/dnssec`;

function toComputed(found: unknown): Props {
  const all = fromApi(found, shape) as Props;
  return Object.fromEntries(outputs.map((key) => [key, all[key]] as const));
}

/** Fields that the program leaves to the API are no drift. */
function toInputs(zoneId: string, found: unknown, last: ReadResult): Props {
  const all = fromApi(found, shape) as Props;
  const isSaid = (key: string) =>
    last.inputs[key] !== undefined || (isImport(last) && (key === "status" || all[key] === true));
  const said = ["status", ...switches].filter((key) => isSaid(key) && all[key] !== undefined);
  return { zoneId, ...Object.fromEntries(said.map((key) => [key, all[key]] as const)) };
}
