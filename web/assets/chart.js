// Lines over the nights by uPlot, in the place of the drawing that the page has without JavaScript.
"use strict";

function colourOf(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// A table of the nights is in the page: first column the time, then one column a line, in per cent.
function draw(box) {
	const table = box.querySelector("table");
	const names = Array.from(table.tHead.rows[0].cells).slice(1).map((cell) => cell.textContent);
	const rows = Array.from(table.tBodies[0].rows);
	if (rows.length < 2) {
		return;
	}
	const data = [rows.map((row) => Date.parse(row.cells[0].querySelector("time").dateTime) / 1000)];
	for (let i = 0; i < names.length; i += 1) {
		data.push(rows.map((row) => {
			const value = Number.parseFloat(row.cells[i + 1].textContent);
			return Number.isNaN(value) ? null : value;
		}));
	}
	const colours = ["--ready", "--builds", "--vanished", "--blocked"];
	const dashes = [[], [8, 4], [2, 3], [8, 3, 2, 3]];
	const soft = colourOf("--soft");
	const day = 86400;
	const axis = { stroke: soft, grid: { stroke: colourOf("--line"), width: 1 }, ticks: { show: false } };
	const canvas = document.createElement("div");
	const options = {
		width: box.clientWidth,
		height: 260,
		tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"), // as all dates here
		series: [
			{ label: "Night", value: "{YYYY}-{MM}-{DD}" },
			...names.map((label, i) => ({
				label,
				stroke: colourOf(colours[i % colours.length]),
				dash: dashes[i % dashes.length],
				width: 2,
				value: (chart, value) => (value === null ? "–" : `${value.toFixed(1)} %`),
			})),
		],
		axes: [{
			...axis,
			incrs: [1, 2, 7, 14, 28, 91, 182, 364].map((days) => days * day),
			values: (chart, values) => values.map((value) => new Date(value * 1000).toISOString().slice(5, 10)),
		}, { ...axis, values: (chart, values) => values.map((value) => `${value} %`) }],
	};
	box.prepend(canvas);
	const chart = new uPlot(options, data, canvas);
	box.classList.add("drawn");
	new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: 260 })).observe(box);
}
for (const box of document.querySelectorAll(".trend")) {
	draw(box);
}
