import type { ResourceType } from "../fake-provider";
import { parseAddress, undefinedIfGone } from "./resource-address";
import type { Client } from "./client";
import { fromApi, object, withoutEmptyDifferences } from "./shape";

const importForm = "<zone_id>/<setting_id>";

/**
 * `cloudflare:index/zoneSetting:ZoneSetting`. Its import id is `<zone_id>/<setting_id>`, its id the latter. A setting
 * always exists: creating changes it, deleting leaves it as it is.
 */
export function zoneSetting(client: () => Client): ResourceType {
  const patch = async (zone: string, setting: string, value: unknown) =>
    toComputed(await client().call("PATCH", settingPath(zone, setting), { body: { value } }));
  return {
    inputs: { settingId: "required", value: "required", zoneId: "required" },
    computed: ["editable", "modifiedOn"],
    replaceOn: ["settingId", "zoneId"],
    async create({ zoneId, settingId, value }) {
      return { id: String(settingId), outputs: await patch(String(zoneId), String(settingId), value) };
    },
    async read(id, last) {
      const { zone, own } = parseAddress(id, last, importForm);
      const found = await undefinedIfGone(client().call("GET", settingPath(zone, own)));
      if (found === undefined) return undefined;
      const value = withoutEmptyDifferences(last.inputs.value, (found as { readonly value: unknown }).value);
      return { id: own, inputs: { zoneId: zone, settingId: own, value }, outputs: toComputed(found) };
    },
    async update(id, { value }, last) {
      const { zone, own } = parseAddress(id, last, importForm);
      return patch(zone, own, value);
    },
    delete: () => Promise.resolve(),
  };
}

const settingPath = (zone: string, setting: string): string => `zones/${zone}/settings/${setting}`;

const toComputed = (found: unknown) =>
  fromApi(found, object("editable modifiedOn")) as Record<string, unknown>;
