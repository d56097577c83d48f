// Search as you type: the names that fit, below the field. Enter without a choice shows all of them.
"use strict";

function suggest(field) {
	const url = field.dataset.search;
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
			row.dataset.href = `/package/${encodeURIComponent(found.name)}`;
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
		const answer = await fetch(`${url}?q=${encodeURIComponent(wanted)}`);
		// An answer that was overtaken by the next letter is dropped.
		if (answer.ok && mine === asked) {
			fill((await answer.json()).packages);
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
if (location.protocol !== "file:") {
	for (const field of document.querySelectorAll("[data-search]")) {
		suggest(field);
	}
}
