const crypto = require("crypto");

function verify(secret, body, headers) {
  const signed = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`), body]);
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const expected = Buffer.from("v1," + crypto.createHmac("sha256", key).update(signed).digest("base64"));
  const isRecent = Math.abs(Date.now() / 1000 - Number(headers["webhook-timestamp"])) < 300;
  return isRecent && headers["webhook-signature"].split(" ").map((each) => Buffer.from(each))
    .some((each) => each.length === expected.length && crypto.timingSafeEqual(each, expected));
}
