const API = "https://box.example/tenant-api/v1/";
const TOKEN = "ss_test_…";

// Every result of a list, page by page.
async function* everything(path) {
  for (let address = API + path; address; ) {
    const response = await fetch(address, { headers: { Authorization: `Bearer ${TOKEN}` } });
    const page = await response.json();
    if (!response.ok) throw new Error(`${page.error}: ${page.message}`);
    yield* page.results;
    address = page.next;
  }
}

for await (const customer of everything("customers/?page_size=100&ordering=last_name")) {
  console.log(customer.id, customer.name);
}
