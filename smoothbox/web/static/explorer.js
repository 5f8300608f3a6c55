// Starts Swagger UI on the box's own description of itself. Nothing is asked of anybody else, and no token is kept.
"use strict";

const place = document.getElementById("explorer");

window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.description,
  layout: "BaseLayout",
  displayRequestDuration: true,
  filter: true,
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
});
