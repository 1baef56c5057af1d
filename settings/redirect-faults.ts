import type { Fault } from "./faults";
import type { Config } from "./schema";
import { isProxied, isWithin, type ZoneSource } from "./zone-records";

type Redirects = NonNullable<Config["waf"]>["redirects"];

/** Redirects that no browser would be sent by, or for ever. */
export function redirectFaults(
  redirects: Redirects,
  source: ZoneSource & { readonly isWhole: boolean },
): Fault[] {
  const { zone } = source.dns;
  return redirects.flatMap(({ from, to }, index): Fault[] => {
    const path = `waf.redirects.${index}`;
    const faults: Fault[] = [];
    if (!isWithin(from, zone))
      faults.push({ path: `${path}.from`, problem: `got ${from}, want a name in ${zone}` });
    else if (source.isWhole && !isProxied(from, source)) {
      const problem = `got ${from}, which is not proxied, so the edge never sees its visitors; want a name with a proxied record`;
      faults.push({ path: `${path}.from`, problem });
    }
    if (redirects.findIndex((other) => other.from === from) < index)
      faults.push({ path: `${path}.from`, problem: `got ${from} a second time, want it once` });
    const next = redirects.find((other) => other.from === to);
    if (to === from)
      faults.push({ path: `${path}.to`, problem: `got ${to}, want a name other than the one it is from` });
    else if (next !== undefined) {
      const problem = `got ${to}, which is itself redirected to ${next.to}; want the name where that ends`;
      faults.push({ path: `${path}.to`, problem });
    }
    return faults;
  });
}
