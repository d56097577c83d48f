/* How much of what is stored a change to one package can move.
 *
 * A verdict is about the existence of a consistent set of versions. Let X be the package, and let all versions
 * that it had be as they were (the same wheels on the same targets, the same metadata): then every set that was
 * consistent still is, so that "ok" stays ok, whoever needs X. Only "blocked" and "unknown" may get better.
 *
 * Let besides each version v that is new have a twin w among the old ones: one that is usable wherever v is,
 * requires the very same there, and is admitted by every requirement on X that admits v. Then w can stand in
 * for v in any set, so that no new set exists that did not exist with w: every verdict stays. The words behind
 * a "no" stay too where v is not in them: they walk along requirements that nothing living meets, and take
 * the newest version that such a one admits. So if every requirement on X that admits v is met by something
 * living wherever it applies, v is not on any such walk; those whose words speak of X are judged again all the
 * same, as is X. Several packages at once change nothing of that: twins are exchanged one after the other,
 * and whoever needs one that moved is judged again.
 *
 * Metadata that was not read before counts as a change of the second kind, never of the first: what nobody
 * had read was part of no "ok". */
#pragma once

#include "coordinator/depend/graph.h"

enum settled {
	SETTLED, /* nothing moves but X, and those whose words speak of it */
	SETTLED_ADDED, /* "ok" stays, the rest may move */
	SETTLED_MOVED, /* all who need it are judged again */
};

/* Of a package that is loaded, with all it needs, after depend_graph_live. `judged`: its versions when it was
 * last judged by (store_judged_pack); empty: nobody knows. Errors of the database are in the graph. */
enum settled settled_find(
	struct depend_graph *g, uint32_t package, struct str judged, int64_t known);
/* Of its wheels, how many have metadata that was read. */
int64_t settled_known(const struct universe_package *p);
