// Search as you type: the names that fit, below the field. Enter without a choice shows all of them.
"use strict";

async function askServer(url, wanted) {
	const answer = await fetch(`${url}?q=${encodeURIComponent(wanted)}`);
	return answer.ok ? (await answer.json()).packages : [];
}

// Where pages are files: all names are fetched once, most downloaded first.
function askNames(names, text) {
	const wanted = text.toLowerCase().replace(/[-_.]+/g, "-");
	const found = names.filter((row) => row.name.includes(wanted));
	const weight = (row) => (row.name === wanted ? 0 : row.name.startsWith(wanted) ? 1 : 2);
	return found.sort((a, b) => weight(a) - weight(b)).slice(0, 12);
}

function suggest(field, find) {
	const list = document.createElement("ul");
	list.id = `${field.id}-list`;
	list.className = "suggestions";
	list.setAttribute("role", "listbox");
	list.setAttribute("aria-label", "Packages");
	list.hidden = true;
	field.after(list);
	field.setAttribute("role", "combobox");
	field.setAttribute("aria-autocomplete", "list");
	field.setAttribute("aria-controls", list.id);
	field.setAttribute("aria-expanded", "false");
	let asked = 0;
	let chosen = -1;

	const show = (visible) => {
		list.hidden = !visible;
		field.setAttribute("aria-expanded", String(visible));
		if (!visible) {
			choose(-1);
		}
	};
	const choose = (number) => {
		chosen = number;
		for (const [i, row] of Array.from(list.children).entries()) {
			row.setAttribute("aria-selected", String(i === number));
		}
		if (number < 0) {
			field.removeAttribute("aria-activedescendant");
		} else {
			field.setAttribute("aria-activedescendant", list.children[number].id);
			list.children[number].scrollIntoView({ block: "nearest" });
		}
	};
	const fill = (packages) => {
		list.replaceChildren(...packages.map((found, i) => {
			const row = document.createElement("li");
			const name = document.createElement("span");
			const word = document.createElement("small");
			row.id = `${list.id}-${i}`;
			row.setAttribute("role", "option");
			row.setAttribute("aria-selected", "false");
			row.dataset.href = field.dataset.pages + encodeURIComponent(found.name) + field.dataset.ending;
			name.textContent = found.name;
			word.textContent = found.headline.replace("_", " ");
			row.append(name, " ", word);
			row.addEventListener("mousedown", (event) => {
				event.preventDefault();
				location.href = row.dataset.href;
			});
			return row;
		}));
		show(packages.length > 0);
	};
	const ask = async () => {
		const wanted = field.value.trim();
		asked += 1;
		const mine = asked;
		if (wanted === "") {
			show(false);
			return;
		}
		const packages = await find(wanted);
		// An answer that was overtaken by the next letter is dropped.
		if (mine === asked) {
			fill(packages);
		}
	};
	field.addEventListener("input", () => {
		ask().catch(() => show(false));
	});
	field.addEventListener("blur", () => show(false));
	field.addEventListener("keydown", (event) => {
		const count = list.hidden ? 0 : list.children.length;
		if (event.key === "Escape" && !list.hidden) {
			event.preventDefault(); // the first one closes the list, the next one empties the field
			show(false);
		} else if (count > 0 && event.key === "ArrowDown") {
			event.preventDefault();
			choose((chosen + 1) % count);
		} else if (count > 0 && event.key === "ArrowUp") {
			event.preventDefault();
			choose((chosen + count - 1) % count);
		} else if (event.key === "Enter" && chosen >= 0) {
			event.preventDefault();
			location.href = list.children[chosen].dataset.href;
		}
	});
}
for (const field of document.querySelectorAll("[data-search]")) {
	suggest(field, (wanted) => askServer(field.dataset.search, wanted));
}
// Opened as a file nothing may be fetched: the list of all packages is one click away.
const fields = location.protocol === "file:" ? [] : document.querySelectorAll("[data-names]");
for (const field of fields) {
	fetch(field.dataset.names).then((answer) => answer.json()).then(({ packages }) => {
		suggest(field, async (wanted) => askNames(packages, wanted));
		field.parentElement.hidden = false;
	}).catch(() => {
		// Without the names the field stays hidden.
	});
}
