import type { ResourceType } from "../fake-provider";
import { parseAddress, undefinedIfGone } from "./resource-address";
import { toCamel } from "./case";
import type { Client, Json } from "./client";
import { withoutEmptyDifferences } from "./shape";

const importForm = "<zone_id>/<setting_id>";

/**
 * `cloudflare:index/zoneSetting:ZoneSetting`. Its import id is `<zone_id>/<setting_id>`, its id the latter. A setting is
 * always there: creating changes it, deleting leaves it as it is.
 */
export function zoneSetting(client: () => Client): ResourceType {
  return {
    inputs: { enabled: "optional", settingId: "required", value: "required", zoneId: "required" },
    computed: ["editable", "modifiedOn", "timeRemaining"],
    replaceOn: ["settingId", "zoneId"],
    async create({ zoneId, settingId, value, enabled }) {
      const setting = String(settingId);
      const body = { value, enabled };
      const found = await client().call("PATCH", settingPath(String(zoneId), setting), { body });
      return { id: setting, outputs: toComputed(found) };
    },
    async read(id, last) {
      const { zone, own } = parseAddress(id, last, importForm);
      const found = await undefinedIfGone(client().call("GET", settingPath(zone, own)));
      if (found === undefined) return undefined;
      const { value, enabled } = found as Json;
      const isSaid = last.inputs.enabled !== undefined && enabled !== undefined;
      const inputs = {
        zoneId: zone,
        settingId: own,
        value: withoutEmptyDifferences(last.inputs.value, value),
      };
      return { id: own, inputs: { ...inputs, ...(isSaid && { enabled }) }, outputs: toComputed(found) };
    },
    async update(id, { value, enabled }, last) {
      const { zone, own } = parseAddress(id, last, importForm);
      return toComputed(await client().call("PATCH", settingPath(zone, own), { body: { value, enabled } }));
    },
    delete: () => Promise.resolve(),
  };
}

const settingPath = (zone: string, setting: string): string => `zones/${zone}/settings/${setting}`;

function toComputed(found: unknown) {
  const { editable, modifiedOn, timeRemaining } = toCamel(found) as Json;
  return {
    editable: editable ?? undefined,
    modifiedOn: modifiedOn ?? undefined,
    timeRemaining: timeRemaining ?? undefined,
  };
}
