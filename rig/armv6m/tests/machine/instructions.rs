//! Every instruction, one at a time: the whole register state before and after, and its cycles.
//!
//! The machine code was assembled by LLVM, not by this crate.

use crate::single_step::{check, check_fault};

/// Moves and logic set N and Z, and leave C and V.
#[test]
#[rustfmt::skip]
fn moves_and_logic() {
    check("movs r0, #0", &[0x2000], "nzcv=1011", "r0=0 nzcv=0111", 1);
    check("movs r7, #255", &[0x27FF], "nzcv=1111", "r7=ff nzcv=0011", 1);
    check("movs r0, r1", &[0x0008], "r1=80000000 nzcv=0111", "r0=80000000 nzcv=1011", 1);
    check("mov r8, r1", &[0x4688], "r1=80000000 nzcv=0111", "r8=80000000", 1);
    check("mov r1, r12", &[0x4661], "r12=5 nzcv=1111", "r1=5", 1);
    check("mov r0, pc", &[0x4678], "", "r0=104", 1);
    check("mov sp, r0", &[0x4685], "r0=20000107", "sp=20000104", 1);
    check("mov pc, r0", &[0x4687], "r0=201", "pc=200", 2);
    check("ands r0, r1", &[0x4008], "r0=f0f0f0f0 r1=ff00ff00 nzcv=0111", "r0=f000f000 nzcv=1011", 1);
    check("ands r0, r1", &[0x4008], "r0=1 r1=2 nzcv=1000", "r0=0 nzcv=0100", 1);
    check("eors r2, r3", &[0x405A], "r2=5 r3=5 nzcv=1011", "r2=0 nzcv=0111", 1);
    check("orrs r2, r3", &[0x431A], "r2=80000000 r3=1", "r2=80000001 nzcv=1000", 1);
    check("bics r4, r5", &[0x43AC], "r4=ff r5=f", "r4=f0", 1);
    check("mvns r4, r5", &[0x43EC], "r5=ffffffff nzcv=1011", "r4=0 nzcv=0111", 1);
    check("mvns r4, r5", &[0x43EC], "r5=0", "r4=ffffffff nzcv=1000", 1);
    check("tst r0, r1", &[0x4208], "r0=80000000 r1=ffffffff nzcv=0011", "nzcv=1011", 1);
    check("muls r0, r1, r0", &[0x4348], "r0=10001 r1=10001 nzcv=0011", "r0=20001 nzcv=0011", 1);
    check("muls r0, r1, r0", &[0x4348], "r0=80000000 r1=2 nzcv=1000", "r0=0 nzcv=0100", 1);
}

/// Carry is the unsigned overflow, V the signed one.
#[test]
#[rustfmt::skip]
fn additions_at_their_boundaries() {
    check("adds r0, r1, r2", &[0x1888], "r1=ffffffff r2=1", "r0=0 nzcv=0110", 1);
    check("adds r0, r1, r2", &[0x1888], "r1=7fffffff r2=1", "r0=80000000 nzcv=1001", 1);
    check("adds r0, r1, r2", &[0x1888], "r1=80000000 r2=80000000", "r0=0 nzcv=0111", 1);
    check("adds r0, r1, #7", &[0x1DC8], "r1=fffffffa nzcv=0001", "r0=1 nzcv=0010", 1);
    check("adds r3, #255", &[0x33FF], "r3=7fffff01", "r3=80000000 nzcv=1001", 1);
    check("adcs r0, r1", &[0x4148], "r0=7fffffff r1=0 nzcv=0010", "r0=80000000 nzcv=1001", 1);
    check("adcs r0, r1", &[0x4148], "r0=ffffffff r1=0 nzcv=0010", "r0=0 nzcv=0110", 1);
    check("adcs r0, r1", &[0x4148], "r0=ffffffff r1=ffffffff nzcv=0010", "r0=ffffffff nzcv=1010", 1);
    check("adcs r0, r1", &[0x4148], "r0=ffffffff r1=0 nzcv=0000", "r0=ffffffff nzcv=1000", 1);
    check("adcs r0, r1", &[0x4148], "r0=7fffffff r1=7fffffff nzcv=0010", "r0=ffffffff nzcv=1001", 1);
    check("sbcs r0, r1", &[0x4188], "r0=0 r1=0 nzcv=0000", "r0=ffffffff nzcv=1000", 1);
    check("sbcs r0, r1", &[0x4188], "r0=0 r1=0 nzcv=0010", "r0=0 nzcv=0110", 1);
    check("sbcs r0, r1", &[0x4188], "r0=80000000 r1=0 nzcv=0000", "r0=7fffffff nzcv=0011", 1);
    check("sbcs r0, r1", &[0x4188], "r0=0 r1=ffffffff nzcv=0000", "r0=0 nzcv=0100", 1);
    check("sbcs r0, r1", &[0x4188], "r0=0 r1=80000000 nzcv=0010", "r0=80000000 nzcv=1001", 1);
    check("subs r0, r1, r2", &[0x1A88], "r1=80000000 r2=1", "r0=7fffffff nzcv=0011", 1);
    check("subs r0, r1, r2", &[0x1A88], "r1=0 r2=1", "r0=ffffffff nzcv=1000", 1);
    check("subs r0, r1, #7", &[0x1FC8], "r1=7", "r0=0 nzcv=0110", 1);
    check("subs r3, #255", &[0x3BFF], "r3=100", "r3=1 nzcv=0010", 1);
    check("rsbs r0, r1, #0", &[0x4248], "r1=80000000", "r0=80000000 nzcv=1001", 1);
    check("rsbs r0, r1, #0", &[0x4248], "r1=0", "r0=0 nzcv=0110", 1);
    check("rsbs r0, r1, #0", &[0x4248], "r1=1", "r0=ffffffff nzcv=1000", 1);
    check("cmp r0, r1", &[0x4288], "r0=5 r1=5", "nzcv=0110", 1);
    check("cmp r0, #255", &[0x28FF], "r0=fe", "nzcv=1000", 1);
    check("cmp r8, r1", &[0x4588], "r8=80000000 r1=7fffffff", "nzcv=0011", 1);
    check("cmp r1, sp", &[0x4569], "r1=20003000 sp=20003000", "nzcv=0110", 1);
    check("cmn r0, r1", &[0x42C8], "r0=ffffffff r1=1", "nzcv=0110", 1);
    check("add r0, pc", &[0x4478], "r0=1000 nzcv=1111", "r0=1104", 1);
    check("add r8, r1", &[0x4488], "r8=ffffffff r1=2 nzcv=1111", "r8=1", 1);
    check("add pc, r0", &[0x4487], "r0=11", "pc=114", 2);
    check("add sp, r0", &[0x4485], "r0=7", "sp=20003004", 1);
    check("add r0, sp, #1020", &[0xA8FF], "", "r0=200033fc", 1);
    check("add sp, #508", &[0xB07F], "", "sp=200031fc", 1);
    check("sub sp, #508", &[0xB0FF], "", "sp=20002e04", 1);
    check("adr r0, #8", &[0xA002], "", "r0=10c", 1);
}

/// An immediate 0 means 32 for LSR and ASR; a register shifts by its low byte.
#[test]
#[rustfmt::skip]
fn shifts_by_nothing_31_32_and_more() {
    check("lsls r0, r1, #1", &[0x0048], "r1=c0000000", "r0=80000000 nzcv=1010", 1);
    check("lsls r0, r1, #31", &[0x07C8], "r1=3", "r0=80000000 nzcv=1010", 1);
    check("lsrs r0, r1, #1", &[0x0848], "r1=1", "r0=0 nzcv=0110", 1);
    check("lsrs r0, r1, #32", &[0x0808], "r1=80000000", "r0=0 nzcv=0110", 1);
    check("lsrs r0, r1, #31", &[0x0FC8], "r1=c0000000 nzcv=0001", "r0=1 nzcv=0011", 1);
    check("asrs r0, r1, #32", &[0x1008], "r1=80000000", "r0=ffffffff nzcv=1010", 1);
    check("asrs r0, r1, #32", &[0x1008], "r1=7fffffff nzcv=0010", "r0=0 nzcv=0100", 1);
    check("asrs r0, r1, #31", &[0x17C8], "r1=c0000000", "r0=ffffffff nzcv=1010", 1);
    check("asrs r0, r1, #1", &[0x1048], "r1=80000001", "r0=c0000000 nzcv=1010", 1);
    check("lsls r0, r1", &[0x4088], "r0=80000001 r1=0 nzcv=0011", "r0=80000001 nzcv=1011", 1);
    check("lsls r0, r1", &[0x4088], "r0=80000001 r1=100 nzcv=0010", "r0=80000001 nzcv=1010", 1);
    check("lsls r0, r1", &[0x4088], "r0=3 r1=1f", "r0=80000000 nzcv=1010", 1);
    check("lsls r0, r1", &[0x4088], "r0=1 r1=20", "r0=0 nzcv=0110", 1);
    check("lsls r0, r1", &[0x4088], "r0=ffffffff r1=21 nzcv=0010", "r0=0 nzcv=0100", 1);
    check("lsls r0, r1", &[0x4088], "r0=ffffffff r1=ff nzcv=0010", "r0=0 nzcv=0100", 1);
    check("lsrs r0, r1", &[0x40C8], "r0=80000000 r1=0 nzcv=0010", "r0=80000000 nzcv=1010", 1);
    check("lsrs r0, r1", &[0x40C8], "r0=c0000000 r1=1f", "r0=1 nzcv=0010", 1);
    check("lsrs r0, r1", &[0x40C8], "r0=80000000 r1=20", "r0=0 nzcv=0110", 1);
    check("lsrs r0, r1", &[0x40C8], "r0=80000000 r1=21 nzcv=0010", "r0=0 nzcv=0100", 1);
    check("asrs r0, r1", &[0x4108], "r0=80000000 r1=20", "r0=ffffffff nzcv=1010", 1);
    check("asrs r0, r1", &[0x4108], "r0=80000000 r1=ff", "r0=ffffffff nzcv=1010", 1);
    check("asrs r0, r1", &[0x4108], "r0=7fffffff r1=40 nzcv=0010", "r0=0 nzcv=0100", 1);
    check("asrs r0, r1", &[0x4108], "r0=80000000 r1=0 nzcv=0010", "r0=80000000 nzcv=1010", 1);
    check("rors r0, r1", &[0x41C8], "r0=1 r1=1", "r0=80000000 nzcv=1010", 1);
    check("rors r0, r1", &[0x41C8], "r0=1 r1=0 nzcv=0010", "r0=1 nzcv=0010", 1);
    check("rors r0, r1", &[0x41C8], "r0=80000000 r1=20", "r0=80000000 nzcv=1010", 1);
    check("rors r0, r1", &[0x41C8], "r0=1 r1=20 nzcv=0010", "r0=1 nzcv=0000", 1);
    check("rors r0, r1", &[0x41C8], "r0=f r1=24", "r0=f0000000 nzcv=1010", 1);
}

/// They leave the flags.
#[test]
#[rustfmt::skip]
fn extensions_and_reversals() {
    check("sxtb r0, r1", &[0xB248], "r1=180 nzcv=1111", "r0=ffffff80", 1);
    check("sxth r0, r1", &[0xB208], "r1=18000", "r0=ffff8000", 1);
    check("uxtb r0, r1", &[0xB2C8], "r1=ffffff80", "r0=80", 1);
    check("uxth r0, r1", &[0xB288], "r1=ffff8000", "r0=8000", 1);
    check("rev r0, r1", &[0xBA08], "r1=11223344", "r0=44332211", 1);
    check("rev16 r0, r1", &[0xBA48], "r1=11223344", "r0=22114433", 1);
    check("revsh r0, r1", &[0xBAC8], "r1=11228091", "r0=ffff9180", 1);
    check("revsh r0, r1", &[0xBAC8], "r1=11228071", "r0=7180", 1);
}

/// Cycles are those of a two-stage pipeline: two where taken.
#[test]
#[rustfmt::skip]
fn branches() {
    check("b #-2", &[0xE7FF], "", "pc=102", 2);
    check("b #2046", &[0xE3FF], "", "pc=902", 2);
    check("b #-64", &[0xE7E0], "", "pc=c4", 2);
    check("bne #-128", &[0xD1C0], "nzcv=0000", "pc=84", 2);
    check("bne #254", &[0xD17F], "nzcv=0100", "pc=102", 1);
    check("beq #254", &[0xD07F], "nzcv=0100", "pc=202", 2);
    check("bx r0", &[0x4700], "r0=201", "pc=200", 2);
    check("bx lr", &[0x4770], "lr=301", "pc=300", 2);
    check("blx r8", &[0x47C0], "r8=201", "pc=200 lr=103", 2);
    check("bl #512", &[0xF000, 0xF900], "", "pc=304 lr=105", 3);
    check("bl #-100", &[0xF7FF, 0xFFCE], "", "pc=a0 lr=105", 3);
    check("bl #16777214", &[0xF3FF, 0xD7FF], "", "pc=1000102 lr=105", 3);
    check("bl #4194304", &[0xF000, 0xF000], "", "pc=400104 lr=105", 3);
    check("bl #8388608", &[0xF000, 0xD800], "", "pc=800104 lr=105", 3);
}

/// Little-endian, two cycles each.
#[test]
#[rustfmt::skip]
fn loads_and_stores() {
    check("ldr r0, [r1]", &[0x6808], "r1=20000100 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=11223344", 2);
    check("ldr r0, [r1, #124]", &[0x6FC8], "r1=20000088 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=8899aabb", 2);
    check("ldr r0, [r1, r2]", &[0x5888], "r1=20000108 r2=fffffffc @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=8899aabb", 2);
    check("ldrh r0, [r1, #62]", &[0x8FC8], "r1=200000c8 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=8899", 2);
    check("ldrh r0, [r1, r2]", &[0x5A88], "r1=20000100 r2=2 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=1122", 2);
    check("ldrb r0, [r1, #31]", &[0x7FC8], "r1=200000e8 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=88", 2);
    check("ldrb r0, [r1, r2]", &[0x5C88], "r1=20000100 r2=3 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=11", 2);
    check("ldrsb r0, [r1, r2]", &[0x5688], "r1=20000100 r2=7 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=ffffff88", 2);
    check("ldrsb r0, [r1, r2]", &[0x5688], "r1=20000100 r2=3 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=11", 2);
    check("ldrsh r0, [r1, r2]", &[0x5E88], "r1=20000100 r2=4 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=ffffaabb", 2);
    check("ldrsh r0, [r1, r2]", &[0x5E88], "r1=20000100 r2=2 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=1122", 2);
    check("ldr r0, [sp, #8]", &[0x9802], "sp=20000100 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=55667788", 2);
    check("ldr r0, [pc, #4]", &[0x4801], "@00000108=cafef00d", "r0=cafef00d", 2);
    check("str r0, [r1, #4]", &[0x6048], "r0=deadbeef r1=20000100 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "@20000104=deadbeef", 2);
    check("str r0, [r1, r2]", &[0x5088], "r0=deadbeef r1=20000100 r2=4 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "@20000104=deadbeef", 2);
    check("strh r0, [r1, #2]", &[0x8048], "r0=deadbeef r1=20000100 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "@20000100=beef3344", 2);
    check("strh r0, [r1, r2]", &[0x5288], "r0=deadbeef r1=20000100 r2=4 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "@20000104=8899beef", 2);
    check("strb r0, [r1, #1]", &[0x7048], "r0=deadbeef r1=20000100 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "@20000100=1122ef44", 2);
    check("strb r0, [r1, r2]", &[0x5488], "r0=deadbeef r1=20000100 r2=3 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "@20000100=ef223344", 2);
    check("str r0, [sp, #8]", &[0x9002], "r0=deadbeef sp=20000100 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "@20000108=deadbeef", 2);
}

/// One cycle and one for each register; POP to the program counter three more.
#[test]
#[rustfmt::skip]
fn multiple_registers() {
    check("ldm r1!, {r0, r2, r7}", &[0xC985], "r1=20000100 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=11223344 r2=8899aabb r7=55667788 r1=2000010c", 4);
    check("ldm r1, {r0, r1, r2}", &[0xC907], "r1=20000100 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=11223344 r1=8899aabb r2=55667788", 4);
    check("ldm r0, {r0}", &[0xC801], "r0=20000108 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=55667788", 2);
    check("stm r1!, {r0, r2, r7}", &[0xC185], "r1=20000100 r0=1 r2=2 r7=3", "@20000100=1 @20000104=2 @20000108=3 r1=2000010c", 4);
    check("stm r1!, {r1, r2}", &[0xC106], "r1=20000100 r2=2", "@20000100=20000100 @20000104=2 r1=20000108", 3);
    check("push {r0, r7, lr}", &[0xB581], "r0=1 r7=2 lr=3", "@20002ff4=1 @20002ff8=2 @20002ffc=3 sp=20002ff4", 4);
    check("push {r3}", &[0xB408], "r3=9", "@20002ffc=9 sp=20002ffc", 2);
    check("pop {r0, r7}", &[0xBC81], "sp=20000100 @20000100=11223344 @20000104=8899aabb @20000108=55667788", "r0=11223344 r7=8899aabb sp=20000108", 3);
    check("pop {r4, pc}", &[0xBD10], "sp=20000100 @20000100=7 @20000104=201", "r4=7 pc=200 sp=20000108", 4);
    check("pop {pc}", &[0xBD00], "sp=20000100 @20000100=201", "pc=200 sp=20000104", 3);
}

/// MRS, MSR and barriers take three cycles.
#[test]
#[rustfmt::skip]
fn special_registers_and_hints() {
    check("mrs r0, apsr", &[0xF3EF, 0x8000], "nzcv=1010", "r0=a0000000", 3);
    check("mrs r0, xpsr", &[0xF3EF, 0x8003], "nzcv=0101", "r0=50000000", 3);
    check("mrs r0, ipsr", &[0xF3EF, 0x8005], "nzcv=0101", "r0=0", 3);
    check("mrs r0, msp", &[0xF3EF, 0x8008], "", "r0=20003000", 3);
    check("msr apsr, r0", &[0xF380, 0x8800], "r0=9fffffff", "nzcv=1001", 3);
    check("msr msp, r0", &[0xF380, 0x8808], "r0=20000107", "sp=20000104", 3);
    check("msr psp, r0", &[0xF380, 0x8809], "r0=20000107", "psp=20000104", 3);
    check("msr primask, r0", &[0xF380, 0x8810], "r0=ffffffff", "primask=1", 3);
    check("mrs r0, primask", &[0xF3EF, 0x8010], "primask=1", "r0=1", 3);
    check("msr control, r0", &[0xF380, 0x8814], "r0=2 psp=20001000", "control=2 sp=20001000", 3);
    check("mrs r0, control", &[0xF3EF, 0x8014], "control=2", "r0=2", 3);
    check("mrs r3, psp", &[0xF3EF, 0x8309], "control=2 psp=20001000", "r3=20001000", 3);
    check("mrs r3, msp", &[0xF3EF, 0x8308], "control=2 psp=20001000 msp=20002000", "r3=20002000", 3);
    check("cpsid i", &[0xB672], "", "primask=1", 1);
    check("cpsie i", &[0xB662], "primask=1", "primask=0", 1);
    check("dmb", &[0xF3BF, 0x8F5F], "", "", 3);
    check("dsb", &[0xF3BF, 0x8F4F], "", "", 3);
    check("isb", &[0xF3BF, 0x8F6F], "", "", 3);
    check("nop", &[0xBF00], "", "", 1);
    check("yield", &[0xBF10], "", "", 1);
    check("sev", &[0xBF40], "", "", 1);
}

/// Each condition against each of the sixteen combinations of N, Z, C and V.
#[test]
fn conditions() {
    for (condition, (name, holds)) in CONDITIONS.into_iter().enumerate() {
        for nzcv in 0..16 {
            let flags = format!("nzcv={nzcv:04b}");
            let [n, z, c, v] = [8, 4, 2, 1].map(|it| nzcv & it != 0);
            // Forwards by 0x10 from the address plus 4.
            let code = 0xD008 | (condition as u16) << 8;
            let (after, n_cycles) = if holds(n, z, c, v) {
                ("pc=114", 2)
            } else {
                ("", 1)
            };
            check(name, &[code], &flags, after, n_cycles);
        }
    }
}

/// Whether N, Z, C and V fulfil a condition.
type Condition = fn(bool, bool, bool, bool) -> bool;

/// Table A6-1, in the order of the condition field.
#[rustfmt::skip]
const CONDITIONS: [(&str, Condition); 14] = [
    ("beq", |_, z, _, _| z),
    ("bne", |_, z, _, _| !z),
    ("bcs", |_, _, c, _| c),
    ("bcc", |_, _, c, _| !c),
    ("bmi", |n, _, _, _| n),
    ("bpl", |n, _, _, _| !n),
    ("bvs", |_, _, _, v| v),
    ("bvc", |_, _, _, v| !v),
    ("bhi", |_, z, c, _| c && !z),
    ("bls", |_, z, c, _| !c || z),
    ("bge", |n, _, _, v| n == v),
    ("blt", |n, _, _, v| n != v),
    ("bgt", |n, z, _, v| !z && n == v),
    ("ble", |n, z, _, v| z || n != v),
];

/// What ARMv6-M does not define, or cannot do, is a HardFault at the instruction's own address,
/// with the registers as they were.
#[test]
fn faults() {
    check_fault("udf #0", &[0xDE00], "");
    check_fault("udf.w #0", &[0xF7F0, 0xA000], "");
    check_fault("32-bit space of ARMv7-M", &[0xE92D, 0x4010], "");
    check_fault("cbz", &[0xB110], "");
    check_fault("it eq", &[0xBF08], "");
    check_fault("setend", &[0xB650], "");
    check_fault("undefined reversal", &[0xBA80], "");
    check_fault("mrs of no register", &[0xF3EF, 0x8011], "");
    check_fault("empty push", &[0xB400], "");
    check_fault("empty pop", &[0xBC00], "");
    check_fault("empty stm", &[0xC000], "r0=20000000");
    check_fault("empty ldm", &[0xC800], "r0=20000000");
    check_fault("ldr r0, [r1], unaligned", &[0x6808], "r1=20000102");
    check_fault("ldrh r0, [r1], unaligned", &[0x8808], "r1=20000101");
    check_fault("str r0, [r1], unaligned", &[0x6008], "r1=20000101");
    check_fault("strh r0, [r1], unaligned", &[0x8008], "r1=20000103");
    check_fault(
        "ldm r1, {r1, r2}, r1 loaded before the fault",
        &[0xC906],
        "r1=20003ffc",
    );
    check_fault("ldr r0, [r1], nothing there", &[0x6808], "r1=30000000");
    check_fault("str r0, [r1], flash", &[0x6008], "r1=100");
    check_fault(
        "ldm r1!, {r0, r1}, the second word is past RAM",
        &[0xC903],
        "r0=0 r1=20003ffc",
    );
    check_fault(
        "push {r0, r1} across the bottom of RAM",
        &[0xB403],
        "sp=20000004",
    );
}
