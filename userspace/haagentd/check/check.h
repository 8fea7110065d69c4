/* SPDX-License-Identifier: GPL-2.0 */
/* Health checks of members. Their results set the members' health in the module. */
#ifndef HAAGENTD_CHECK_H
#define HAAGENTD_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "checker.h"
#include "haagentd/conf/conf.h"
#include "haagentd/vote/flap.h"
#include "floor.h"
#include "node_share.h"
#include "rise_fall.h"
#include "haagentd/module/module.h"
#include "haagentd/notify/notify.h"

struct event;
struct event_base;
struct checks;

#define CHECK_MEMBER (WIRE_NAME + sizeof(":65535"))	/* size of a member's name: NODE or NODE:PORT */

#define CHECK_UNTOLD UINT32_MAX
#define CHECK_URGENT 3	/* so often a new health goes first to the other nodes: packets can be lost */

/**
 * struct check - the health check of one member
 *
 * Checks by TCP are made here, unless they go through the vip. All others are made by haagentd-checks, so that @timer, @answer and @fd are not used.
 *
 * @all:	the set of checks that this one belongs to
 * @conf:	this check's configuration
 * @name:	member and service, for the log
 * @target:	address to connect to; family 0 while the node has no address
 * @goal:	the address of @target
 * @index:	index in the list of @all->checker; CHECK_UNTOLD: it is not there
 * @way:	how the member is reached through the vip, an enum plan_way
 * @own:	this node's address, of the vip's family, to which the member answers then
 * @dev:	device of @mac; empty: @mac is not fixed
 * @mac:	the node's fixed link-layer address
 * @why:	why the member is not asked now, or NULL
 * @key:	equal on all nodes that have this check, see share_key()
 * @lease:	the lease of the vip, or empty
 * @holder:	this node holds the vip, so that its results count
 * @stale:	@lease, @holder and the way through the vip are to be looked up again
 * @follows:	the holder's results count, so that this node checks seldom
 * @heard:	when the holder's result was heard last, ns; 0: never
 * @from:	name of that holder
 * @urgent:	in so many records to the other nodes the health goes first
 * @judge:	the counters of successes and failures, for `rise` and `fall`
 * @share:	the share that the member wants, percent; 0: none is known
 * @flap:	how often the member went down lately
 * @held:	the member is healthy again, but stays down until this time, for it flaps, ns; 0: no
 * @release:	fires at @held
 * @floor:	floor of the service, or NULL
 * @said:	the current health has been set in the module
 * @said_up:	the health that was set last
 * @trouble:	errno of the last attempt to set the health in the module, or 0
 * @fd:		the socket of the current connection attempt, or -1
 * @timer:	fires when the next connection attempt is due
 * @answer:	fires when the connection is established or refused, or times out
 * @begun:	when the current or last connection attempt began, ns
 * @tried:	there was a result
 * @outcome:	the last result
 * @text:	reason of the last result
 * @since:	when @outcome became what it is, ns
 * @took:	how long the last attempt took, ns
 * @unsure:	when it was logged last that an attempt could not be made, ns; 0: never
 * @wrong:	when it was logged last that the server says what is no share, ns; 0: never
 * @less:	when it was warned last that the member wants less than its whole share, ns; 0: never
 */
struct check {
	struct checks *all;
	struct conf_check conf;
	char name[HASW_SVC_TEXT + CHECK_MEMBER + 8];
	struct sockaddr_storage target;
	struct hasw_addr goal;
	uint32_t index;
	enum plan_way way;
	struct hasw_addr own;
	char dev[16];
	uint8_t mac[6];
	const char *why;
	uint64_t key;
	char lease[WIRE_NAME];
	bool holder;
	bool stale;
	bool follows;
	uint64_t heard;
	char from[WIRE_NAME];
	unsigned int urgent;
	struct judge judge;
	uint8_t share;
	struct flap flap;
	uint64_t held;
	struct event *release;
	struct floor *floor;
	bool said;
	bool said_up;
	int trouble;
	int fd;
	struct event *timer;
	struct event *answer;
	uint64_t begun;
	bool tried;
	enum plan_outcome outcome;
	char text[PLAN_TEXT];
	uint64_t since;
	uint64_t took;
	uint64_t unsure;
	uint64_t wrong;
	uint64_t less;
};

/**
 * struct checks - all health checks
 * @base:	the event loop
 * @module:	the module, in which the health of the members is set
 * @notify:	the notify commands, which are run at a change of health
 * @journal:	the journal, in which changes of floors are written; NULL: there is none
 * @checker:	the process that makes all checks but those by TCP
 * @list:	array of the checks
 * @n:		number of entries in @list
 * @by_key:	array of the same checks, sorted by their keys
 * @next:	the check whose health may be set again next
 * @floors:	array of the floors, one for each service that has "min_healthy"
 * @n_floors:	number of entries in @floors
 * @shares:	array of the nodes whose checks say a share
 * @n_shares:	number of entries in @shares
 * @shares_stale:	the share of a check has changed, or that it counts
 * @starved:	when the last failure of socket() was logged, ns; 0 for never
 * @told:	@checker knows the list
 * @retell_at:	when @checker is told how often it checks now, ns; 0: it knows
 * @look:	vips may have changed: all checks are stale
 * @aim:	the addresses of nodes could not be read, and are read again
 * @through:	members or nodes may have changed: checks through a vip are stale
 * @stale:	some checks may be stale, see share_look()
 * @look_next:	the check that is looked up next, if it is stale
 * @share_at:	when the next results are sent to the other nodes, ns
 * @share_next:	the check whose result is sent next
 * @urgent_next: the check from which on those are looked for whose results go first
 */
struct checks {
	struct event_base *base;
	struct module *module;
	struct notify *notify;
	struct journal *journal;
	struct checker *checker;
	struct check *list;
	unsigned int n;
	struct check **by_key;
	unsigned int next;
	struct floor *floors;
	unsigned int n_floors;
	struct node_share *shares;
	unsigned int n_shares;
	bool shares_stale;
	uint64_t starved;
	bool told;
	uint64_t retell_at;
	bool look;
	bool aim;
	bool through;
	bool stale;
	unsigned int look_next;
	uint64_t share_at;
	unsigned int share_next;
	unsigned int urgent_next;
};

int checks_make(struct checks *all, struct event_base *base,
		struct module *module, struct notify *notify, struct checker *checker,
		const struct conf *conf, const struct checks *old);
void checks_start(struct checks *all);
void checks_free(struct checks *all);
void checks_aim(struct checks *all);
void checks_sync(struct checks *all, const struct hasw_svc *service,
		 const char *node);
void checks_look(struct checks *all);
void checks_tell(struct checks *all);
bool check_remote(const struct check *c);

/* Why a member is not asked until the module has told where it is. */
extern const char aim_unanswered[];

void aim_begin(struct check *c);
void aim_carry(struct check *c, const struct check *was);
void aim_node(struct check *c, const struct module_node *node);

void check_hold(struct check *c, bool holder);
void check_follow(struct check *c, bool follows);
void check_heard(struct check *c, enum judge_health health, uint8_t share);
bool through_look(struct check *c, const struct module_node *nodes, unsigned int n, bool *changed);
const char *check_health_word(const struct check *c);
extern const struct checker_ops checks_ops;

#endif
