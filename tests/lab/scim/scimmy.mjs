// SCIMMY's service provider. The library decides what a request means and what the answer is; here is only kept, in
// memory, what it hands over.

import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import express from "express";
import SCIMMYRouters, { SCIMMY } from "scimmy-routers";

const { ADDR, PORT, TOKEN } = process.env;

/** Resources of one type; `unique` names attributes whose values differ in all of them. */
function kept(unique) {
  const all = new Map();
  const found = (id) => {
    if (!all.has(id)) throw new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);
    return all.get(id);
  };
  const same = (one, other) => one !== undefined && String(one).toLowerCase() === String(other).toLowerCase();
  return {
    ingress({ id = randomUUID() }, instance) {
      const { meta, ...written } = JSON.parse(JSON.stringify(instance));
      for (const [other, resource] of all) {
        const taken = other !== id && unique.find((name) => same(written[name], resource[name]));
        if (taken) throw new SCIMMY.Types.Error(409, "uniqueness", `${taken} is taken`);
      }
      const now = new Date();
      const created = all.get(id)?.meta.created ?? now;
      all.set(id, { ...written, id, meta: { created, lastModified: now } });
      return all.get(id);
    },
    egress({ id, filter }) {
      if (id) return found(id);
      const list = [...all.values()];
      return filter ? filter.match(list) : list;
    },
    degress({ id }) {
      found(id);
      all.delete(id);
    },
  };
}

const people = { ...kept(["userName", "externalId"]), extensions: [{ schema: SCIMMY.Schemas.EnterpriseUser, required: false }] };
SCIMMY.Resources.declare(SCIMMY.Resources.User, people).declare(SCIMMY.Resources.Group, kept(["externalId"]));

const digest = (text) => createHash("sha256").update(text).digest();
const app = express();
app.use("/scim/v2", new SCIMMYRouters({
  type: "bearer",
  baseUri: (request) => `http://${request.headers.host}`,
  handler: (request) => {
    const token = request.header("Authorization")?.match(/^Bearer (.*)$/)?.[1] ?? "";
    if (!timingSafeEqual(digest(token), digest(TOKEN))) throw new Error("The token is missing or wrong");
    return "lab";
  },
}));
app.listen(Number(PORT), ADDR);
