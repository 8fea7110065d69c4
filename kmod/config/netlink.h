/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family, and the helpers that its handlers share. */
#ifndef HASW_NETLINK_H
#define HASW_NETLINK_H

#include <net/genetlink.h>

#include "config.h"
#include "heartbeat/pulse.h"
#include "generated/netlink_gen.h"

/**
 * struct hasw_nl_ctx - state of a dump between two of its messages
 * @pos: next position in a table or list; in a dump of flows, 1 after the first
 *	message
 * @sub: next service of the vip at @pos; in a dump of flows, next flow of the
 *	bucket
 * @leaf: next member of the service at @sub
 * @table: table of vips that is dumped next: 0: IPv4; 1: IPv6; 2: none is left
 * @seq: number of the next event; in a dump of flows, position of the next
 *	bucket
 */
struct hasw_nl_ctx {
	u32 pos;
	u32 sub;
	u32 leaf;
	u32 table;
	u64 seq;
};

/**
 * hasw_nl_net() - returns the namespace of an operation
 * @info: the operation
 */
static inline struct hasw_net *hasw_nl_net(const struct genl_info *info)
{
	return info->user_ptr[0];
}

/**
 * hasw_nl_config() - returns the configuration that an operation reads and
 *	changes
 * @info: the operation; hasw_net.mutex is held
 */
static inline struct hasw_config *hasw_nl_config(const struct genl_info *info)
{
	return info->user_ptr[1];
}

/**
 * hasw_nl_dev_late() - returns whether an object may name a device that does
 *	not exist
 * @info: the operation; hasw_net.mutex is held
 * @attr: name of the device
 *
 * A configuration can be restored at boot before all devices exist, such as
 * VLANs. It must not be refused as a whole then, so its object waits for the
 * device. In any other operation, the name is probably a typing error.
 */
static inline bool hasw_nl_dev_late(const struct genl_info *info,
				    const struct nlattr *attr)
{
	return hasw_nl_config(info)->staged && dev_valid_name(nla_data(attr));
}

/**
 * hasw_nl_done() - returns whether hasw_nl_lease_renew() has already done the
 *	operation
 * @info: the operation; if the result is true, hasw_net.mutex is not held
 */
static inline bool hasw_nl_done(const struct genl_info *info)
{
	return !info->user_ptr[1];
}

/**
 * hasw_nl_dump_ctx() - returns the state of a dump
 * @cb: the dump
 */
static inline struct hasw_nl_ctx *hasw_nl_dump_ctx(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct hasw_nl_ctx) > sizeof(cb->ctx));
	return (struct hasw_nl_ctx *)cb->ctx;
}

/**
 * struct hasw_nl_key - the key of a vip or service
 * @addr: address of the vip, IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 * @proto: IP protocol; 0: a vip, or a service for every protocol
 * @port: port in host byte order; 0: a vip, or a service for every port
 */
struct hasw_nl_key {
	struct in6_addr addr;
	u16 family;
	u8 proto;
	u16 port;
};

/**
 * struct hasw_nl_of - a member and its service
 * @service: the service
 * @m: the member
 */
struct hasw_nl_of {
	const struct hasw_service *service;
	const struct hasw_member *m;
};

/**
 * struct hasw_nl_walk - an object that a message names, or the walk of a dump
 *	over all objects of one kind
 * @obj: the object, in the form that hasw_nl_kind.fill takes
 * @member: the pair to which @obj points if the object is a member
 * @hn: namespace
 * @ctx: position of the object that follows @obj
 * @key: only objects of this vip or service are dumped; a family of 0: all
 * @only_service: only members of the service @key are dumped; otherwise those
 *	of all services of the vip @key
 * @at: entry of @obj in its list, or NULL before the first object of a message
 * @vip: vip of @obj, or NULL if the walk is between two vips
 * @after: position of the vip that follows @vip, in .table and .pos
 * @left: number of slots and services that the dump may still look at before it
 *	pauses
 *
 * A lookup sets @obj and @member only. The other fields belong to dumps.
 */
struct hasw_nl_walk {
	const void *obj;
	struct hasw_nl_of member;
	struct hasw_net *hn;
	struct hasw_nl_ctx ctx;
	struct hasw_nl_key key;
	bool only_service;
	const struct list_head *at;
	const struct hasw_vip *vip;
	struct hasw_nl_ctx after;
	u32 left;
};

/**
 * struct hasw_nl_kind - how to look up objects of one kind, and how to put them
 *	into messages
 * @cmd: command of the message
 * @fill: puts an object into a message; returns 0 or -EMSGSIZE; the caller
 *	holds the lock that protects the object (hasw_net.mutex for
 *	configuration)
 * @find: finds the object that an operation names; returns 0, or a negative
 *	errno with extack set
 * @filter: reads from a dump's attributes which objects are dumped; returns 0,
 *	or a negative errno with extack set; NULL if all objects are dumped
 * @next: moves a dump to the object at hasw_nl_walk.ctx, and the position
 *	behind this object; returns false if no object is left, or if
 *	hasw_nl_walk.left is 0
 * @changes: counter of changes that hasw_net.generation does not count; NULL
 *	if there are none
 *
 * @find, @next and @changes run with hasw_net.mutex held, @filter without. A
 * reply with one object and the messages of a dump have the same format. A kind
 * with @find and @next serves hasw_nl_get() and hasw_nl_dump().
 */
struct hasw_nl_kind {
	u8 cmd;
	int (*fill)(struct sk_buff *skb, struct hasw_net *hn, const void *obj);
	int (*find)(struct genl_info *info, struct hasw_nl_walk *found);
	int (*filter)(struct netlink_callback *cb, struct hasw_nl_walk *walk);
	bool (*next)(struct hasw_nl_walk *walk);
	u32 (*changes)(const struct hasw_net *hn);
};

/**
 * struct hasw_nl_key_attrs - attribute types of the parts of a key
 * @addr4: IPv4 address
 * @addr6: IPv6 address
 * @proto: protocol, or 0 if the attribute set has none
 * @port: port, or 0 if the attribute set has none
 */
struct hasw_nl_key_attrs {
	u16 addr4;
	u16 addr6;
	u16 proto;
	u16 port;
};

int hasw_nl_key_get(struct nlattr **attrs, struct netlink_ext_ack *extack,
		    const struct hasw_nl_key_attrs *a,
		    struct hasw_nl_key *key);
int hasw_nl_key_put(struct sk_buff *skb, const struct hasw_nl_key_attrs *a,
		    const struct hasw_nl_key *key);
int hasw_nl_evidence_put(struct sk_buff *skb, u16 attr, u8 evidence);
int hasw_nl_addr_put(struct sk_buff *skb, u16 addr4, u16 addr6,
		     const struct in6_addr *addr, u16 family);
int hasw_nl_host_get(const struct nlattr *attr, u16 family,
		     struct in6_addr *addr, struct netlink_ext_ack *extack);
int hasw_nl_failback_check(const struct genl_info *info,
			   const struct nlattr *attr, u64 failback);
int hasw_nl_name_check(const struct nlattr *attr,
		       struct netlink_ext_ack *extack);
int hasw_nl_only_live(const struct genl_info *info);
u64 hasw_nl_pause(const struct genl_info *info);
void hasw_nl_resume(struct genl_info *info, u64 decision);
struct hasw_node *hasw_nl_node(const struct genl_info *info, u16 attr);
struct hasw_lease *hasw_nl_lease(const struct genl_info *info, u16 attr);
int hasw_nl_lease_register(void);
void hasw_nl_lease_unregister(void);
bool hasw_nl_lease_renew(struct hasw_net *hn, const struct genl_info *info);
struct hasw_vip *hasw_nl_vip(struct genl_info *info,
			     const struct hasw_nl_key *key, u16 addr4,
			     u16 addr6);
struct hasw_service *hasw_nl_service_at(const struct genl_info *info,
					const struct hasw_vip *vip,
					const struct hasw_nl_key *key);
int hasw_nl_reply(struct genl_info *info, const struct hasw_nl_kind *kind,
		  const void *obj);
int hasw_nl_dump_put(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct hasw_nl_kind *kind, const void *obj);
int hasw_nl_get(struct genl_info *info, const struct hasw_nl_kind *kind);
bool hasw_nl_next_listed(struct hasw_nl_walk *walk,
			 const struct list_head *list, size_t offset);
bool hasw_nl_walk_on(struct hasw_nl_walk *walk);
bool hasw_nl_next_vip(struct hasw_nl_walk *walk);
bool hasw_nl_next_service(struct hasw_nl_walk *walk);
int hasw_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
		 const struct hasw_nl_kind *kind);
int hasw_nl_dump_check(struct netlink_callback *cb);
struct hasw_config *hasw_nl_dump_begin(struct netlink_callback *cb);
void hasw_nl_dump_end(struct netlink_callback *cb);

extern struct genl_family hasw_genl_family;

void hasw_nl_event_send(struct hasw_net *hn, const struct hasw_event *ev);
int hasw_netlink_register(void);
void hasw_netlink_unregister(void);

#endif
