// SPDX-License-Identifier: GPL-2.0
/* Fuzzing files of packets that haadm explain reads: what is shown of a frame lies in it, and a fault has its words. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "haadm/packet/pcap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void sound(const struct pcap *pcap, const struct pcap_packet *packet)
{
	const uint8_t *end = pcap->frame + sizeof(pcap->frame);

	if (packet->ip && (packet->ip < pcap->frame || packet->ip > end || packet->len > (size_t)(end - packet->ip)))
		abort();
	if (packet->lladdr && (packet->lladdr < pcap->frame || packet->lladdr + 6 > packet->ip))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pcap pcap;
	struct pcap_packet packet;
	unsigned long packets = 0;
	FILE *file;
	int ret;

	if (!size)
		return 0;
	file = fmemopen((void *)data, size, "r");
	if (!file)
		return 0;
	pcap.text[0] = '\0';
	ret = pcap_begin(&pcap, file);
	while (!ret && (ret = pcap_next(&pcap, &packet)) > 0) {
		sound(&pcap, &packet);
		if (pcap.number != ++packets || packets > size / 16)
			abort();
		ret = 0;
	}
	fclose(file);
	if ((ret < 0) != !!pcap.text[0] || ret > 0)
		abort();
	return 0;
}
