// A passkey that does not work says so on the page, where the person is looking.
document.addEventListener("allauth.error", (event) => {
  const trouble = document.getElementById("passkey-trouble");
  if (trouble) {
    event.preventDefault();
    trouble.hidden = false;
    trouble.focus();
  }
});
