// What the pages do better with JavaScript; without it nothing is missing.
"use strict";

// "/" goes to the search field, as in every list of packages.
document.addEventListener("keydown", (event) => {
	const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
	if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) {
		return;
	}
	const field = document.getElementById("search");
	if (field) {
		event.preventDefault();
		field.focus();
		field.select();
	}
});

// A changed filter shows its result at once.
for (const form of document.querySelectorAll("form.filters")) {
	for (const select of form.querySelectorAll("select")) {
		select.addEventListener("change", () => form.requestSubmit());
	}
}

// The rows on screen follow the search field while it is typed in; Enter asks for all of them.
function followTyping(table) {
	const rows = Array.from(table.tBodies[0].rows);
	for (const field of document.querySelectorAll("input[name=q]")) {
		field.addEventListener("input", () => {
			const wanted = field.value.trim().toLowerCase();
			for (const row of rows) {
				const name = row.querySelector("th").textContent.toLowerCase();
				row.hidden = !name.includes(wanted);
			}
		});
	}
}
const packages = document.getElementById("packages");
if (packages) {
	followTyping(packages);
}

// A link to a line opens the stage that the line is in.
function openLine() {
	const id = decodeURIComponent(location.hash.slice(1));
	const line = id === "" ? null : document.getElementById(id);
	const stage = line === null ? null : line.closest("details");
	if (stage !== null && !stage.open) {
		stage.open = true;
		line.scrollIntoView({ block: "center" });
	}
}
window.addEventListener("hashchange", openLine);
openLine();

// The log of a running job, as it grows. Lines are text nodes, never markup.
function followLog(box) {
	const list = document.createElement("ol");
	list.className = "log";
	const status = document.createElement("p");
	status.className = "empty";
	status.setAttribute("role", "status");
	status.textContent = "Waiting for more of the log…";
	box.replaceChildren(list, status);
	const numbers = document.querySelectorAll("#log li[id]");
	let number = numbers.length === 0 ? 0 : Number(numbers[numbers.length - 1].id.slice(1));
	const source = new EventSource(`${box.dataset.events}?from=${box.dataset.from}`);
	source.addEventListener("line", (event) => {
		number += 1;
		const row = document.createElement("li");
		const link = document.createElement("a");
		const text = document.createElement("code");
		row.id = `L${number}`;
		link.href = `#L${number}`;
		link.textContent = number;
		text.textContent = event.data;
		row.append(link, text);
		const atEnd = window.innerHeight + window.scrollY >= document.body.offsetHeight - 80;
		list.append(row);
		if (list.childElementCount > 2000) {
			list.firstElementChild.remove();
		}
		if (atEnd) {
			row.scrollIntoView({ block: "end" });
		}
	});
	source.addEventListener("end", () => {
		source.close();
		status.textContent = "The job has ended; loading its result…";
		location.reload();
	});
	// The answer stays open; if it breaks, the browser asks again, for what comes after the last line.
	source.addEventListener("error", () => {
		if (source.readyState === EventSource.CLOSED) {
			status.textContent = "The farm does not answer any more.";
		}
	});
	source.addEventListener("open", () => {
		status.textContent = "Running…";
	});
}
for (const box of document.querySelectorAll("[data-events]")) {
	followLog(box);
}
