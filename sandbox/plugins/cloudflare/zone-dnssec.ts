import { UNKNOWN, type ResourceType, type Props } from "../fake-provider";
import { undefinedIfGone } from "./resource-address";
import type { Client } from "./client";
import { fromApi, object } from "./shape";

const outputs =
  "algorithm digest digestAlgorithm digestType ds flags keyTag keyType modifiedOn publicKey".split(" ");

/**
 * `cloudflare:index/zoneDnssec:ZoneDnssec`. Its id and its import id are the zone's. Until the registrar has the DS
 * record the API answers `pending` where the program has `active`, which a refresh shows as a change.
 */
export function zoneDnssec(client: () => Client): ResourceType {
  const patch = async (zone: string, status: unknown) =>
    toComputed(await client().call("PATCH", dnssecPath(zone), { body: { status } }));
  return {
    inputs: { status: "required", zoneId: "required" },
    computed: outputs,
    replaceOn: ["zoneId"],
    validate: ({ status }) =>
      status === "active" || status === "disabled" || status === UNKNOWN
        ? []
        : [
            {
              property: "status",
              reason: `value must be one of: ["active" "disabled"], got: ${JSON.stringify(status)}`,
            },
          ],
    async create({ zoneId, status }) {
      return { id: String(zoneId), outputs: await patch(String(zoneId), status) };
    },
    async read(id) {
      const found = await undefinedIfGone(client().call("GET", dnssecPath(id)));
      if (found === undefined) return undefined;
      const { status } = found as Props;
      return { id, inputs: { zoneId: id, status }, outputs: toComputed(found) };
    },
    update: (id, { status }) => patch(id, status),
    async delete(id) {
      await patch(id, "disabled");
      await client().call("DELETE", dnssecPath(id));
    },
  };
}

const dnssecPath = (zone: string): string => `zones/${zone}/dnssec`;

const toComputed = (found: unknown): Props => fromApi(found, object(outputs.join(" "))) as Props;
