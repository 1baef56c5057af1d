import type { Kind } from "../stand-in";
import { addressOf, unlessGone } from "./address";
import { toCamel } from "./case";
import type { Client, Json } from "./client";
import { inWordsOf } from "./shape";

const importForm = "<zone_id>/<setting_id>";

/**
 * `cloudflare:index/zoneSetting:ZoneSetting`. Its import id is `<zone_id>/<setting_id>`, its id the latter. A setting is
 * always there: creating changes it, deleting leaves it as it is.
 */
export function zoneSetting(client: () => Client): Kind {
  return {
    inputs: { enabled: "optional", settingId: "required", value: "required", zoneId: "required" },
    computed: ["editable", "modifiedOn", "timeRemaining"],
    replaceOn: ["settingId", "zoneId"],
    async create({ zoneId, settingId, value, enabled }) {
      const setting = String(settingId);
      const body = { value, enabled };
      const found = await client().call("PATCH", pathOf(String(zoneId), setting), { body });
      return { id: setting, outputs: computedOf(found) };
    },
    async read(id, last) {
      const { zone, own } = addressOf(id, last, importForm);
      const found = await unlessGone(client().call("GET", pathOf(zone, own)));
      if (found === undefined) return undefined;
      const { value, enabled } = found as Json;
      const isSaid = last.inputs.enabled !== undefined && enabled !== undefined;
      const inputs = { zoneId: zone, settingId: own, value: inWordsOf(last.inputs.value, value) };
      return { id: own, inputs: { ...inputs, ...(isSaid && { enabled }) }, outputs: computedOf(found) };
    },
    async update(id, { value, enabled }, last) {
      const { zone, own } = addressOf(id, last, importForm);
      return computedOf(await client().call("PATCH", pathOf(zone, own), { body: { value, enabled } }));
    },
    delete: () => Promise.resolve(),
  };
}

const pathOf = (zone: string, setting: string): string => `zones/${zone}/settings/${setting}`;

function computedOf(found: unknown) {
  const { editable, modifiedOn, timeRemaining } = toCamel(found) as Json;
  return {
    editable: editable ?? undefined,
    modifiedOn: modifiedOn ?? undefined,
    timeRemaining: timeRemaining ?? undefined,
  };
}
