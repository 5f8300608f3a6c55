const API = "https://box.example/tenant-api/v1/";
const TOKEN = "ss_test_…";

// The answer of a GET; what asks for patience is tried again.
async function call(path, attempts = 3) {
  const response = await fetch(API + path, { headers: { Authorization: `Bearer ${TOKEN}` } });
  const answer = await response.json();
  if (response.ok) return answer;
  if (![429, 503].includes(response.status) || attempts === 1) {
    throw new Error(`${answer.error}: ${answer.message} ${JSON.stringify(answer.details)}`);
  }
  const seconds = Number(response.headers.get("Retry-After") ?? 1);
  await new Promise((done) => setTimeout(done, seconds * 1000));
  return call(path, attempts - 1);
}

try {
  await call("services/?colour=red");
} catch (error) {
  console.log(error.message); // invalid_parameter: …
}
