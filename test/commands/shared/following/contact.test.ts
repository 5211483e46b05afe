import { describe, expect, it } from "vitest";
import { Contact } from "../../../../src/commands/shared/following/contact.js";

const since = (at: number) => ({ since: at, error: new Error("refused") });

describe("Contact", () => {
  it("says an outage once after 15 s, and its end with the first answer", () => {
    const contact = new Contact();
    contact.report("set", since(0), 0);
    contact.report("pods", since(1_000), 1_000);
    expect(contact.alarm()).toBe(15_000);
    expect(contact.news(14_999)).toBeUndefined();
    expect(contact.news(15_000)).toEqual({ lost: true, ms: 15_000, message: "refused" });
    expect(contact.news(16_000)).toBeUndefined();
    contact.report("pods", undefined, 20_000);
    expect(contact.news(20_000)).toEqual({ lost: false, ms: 20_000 });
    // The other mirror has not been heard yet: that is no second outage, unless it goes on.
    expect(contact.news(20_001)).toBeUndefined();
    expect(contact.alarm()).toBe(35_000);
    contact.report("set", undefined, 21_000);
    expect(contact.alarm()).toBe(Infinity);
    expect(contact.news(60_000)).toBeUndefined();
  });

  it("says nothing of a short one", () => {
    const contact = new Contact();
    contact.report("set", since(0), 0);
    contact.report("set", undefined, 9_000);
    expect(contact.news(15_000)).toBeUndefined();
    expect(contact.alarm()).toBe(Infinity);
  });

  it("says it again when one mirror stays lost for long", () => {
    const contact = new Contact();
    contact.report("set", since(0), 0);
    contact.report("pods", since(0), 0);
    contact.news(15_000);
    contact.report("pods", undefined, 16_000);
    contact.news(16_000);
    expect(contact.news(31_000)).toMatchObject({ lost: true, ms: 15_000 });
  });
});
