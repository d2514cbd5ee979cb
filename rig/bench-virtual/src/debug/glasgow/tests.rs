//! Bytes of the protocol, each answer, and what is no packet. probe-rs as a client over TCP is in
//! `tests/served`.

use super::*;

fn packet(endpoint: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    frame(endpoint, content, &mut out);
    out
}

fn port() -> (GlasgowPort, Arc<Mutex<Machine>>) {
    let machine = Arc::new(Mutex::new(Machine::new([7; 12])));
    let port = DebugPins::new(Arc::clone(&machine)).connect();
    (port, machine)
}

/// Line reset: 64 ones, as two sequences.
fn line_reset() -> Vec<u8> {
    [[0x20, 0xFF, 0xFF, 0xFF, 0xFF]; 2].concat()
}

fn write(port: u8, address: u8, value: u32) -> Vec<u8> {
    let mut command = vec![port | address];
    command.extend(value.to_le_bytes());
    command
}

#[track_caller]
fn check(port: &mut GlasgowPort, endpoint: u8, content: &[u8], expected: &[u8]) {
    let answers = port.receive(&packet(endpoint, content)).unwrap();
    let expected = if expected.is_empty() {
        Vec::new()
    } else {
        packet(endpoint, expected)
    };
    assert_eq!(answers, expected);
}

#[test]
fn the_root_endpoint_names_itself_and_its_clock() {
    let (mut port, machine) = port();
    check(&mut port, ROOT, &[IDENTIFY], b"probe-rs,v01");
    // 48 MHz, and a divisor of 4 MHz.
    let clock = [0x00, 0x6C, 0xDC, 0x02, 11, 0];
    check(&mut port, ROOT, &[GET_REFERENCE, GET_DIVISOR], &clock);
    // A command in two packets.
    check(&mut port, ROOT, &[SET_DIVISOR, 47], &[]);
    check(&mut port, ROOT, &[0, GET_DIVISOR], &[47, 0]);
    check(&mut port, ROOT, &[ASSERT_RESET], &[]);
    assert!(machine.lock().unwrap().is_held_in_reset());
    check(&mut port, ROOT, &[CLEAR_RESET], &[]);
    assert!(!machine.lock().unwrap().is_held_in_reset());
    check(&mut port, ROOT, &[ASSERT_RESET], &[]);
    drop(port);
    assert!(!machine.lock().unwrap().is_held_in_reset());
}

#[test]
fn transfers_are_answered_one_by_one_and_access_port_reads_are_posted() {
    let (mut port, _machine) = port();
    // Nobody answers before a line reset.
    check(&mut port, SWD, &[IS_READ], &[ERROR]);
    let mut commands = line_reset();
    commands.push(IS_READ);
    let dpidr = [DATA_OK, 0x77, 0x14, 0xC1, 0x0B];
    check(&mut port, SWD, &commands, &dpidr);
    let mut commands = write(0, 0x4, 0x5000_0000);
    commands.extend(write(0, 0x8, 0xF0));
    check(&mut port, SWD, &commands, &[DONE_OK, DONE_OK]);
    // IDR, whose value comes with RDBUFF.
    let commands = [IS_AP | IS_READ | 0xC, IS_READ | 0xC];
    let answer = [DATA_OK, 0, 0, 0, 0, DATA_OK, 0x31, 0x00, 0x77, 0x04];
    check(&mut port, SWD, &commands, &answer);
}

#[test]
fn after_a_fault_the_rest_of_the_packet_is_dropped_and_the_next_one_is_done() {
    let (mut port, _machine) = port();
    let mut commands = line_reset();
    commands.extend(write(0, 0x4, 0x5000_0000));
    // Word accesses to nowhere.
    commands.extend(write(IS_AP, 0x0, 2));
    commands.extend(write(IS_AP, 0x4, 0x6000_0000));
    check(&mut port, SWD, &commands, &[DONE_OK; 3]);
    let commands = [IS_AP | IS_READ | 0xC, IS_AP | IS_READ | 0xC, IS_READ | 0xC];
    check(&mut port, SWD, &commands, &[DONE_FAULT]);
    let commands = write(IS_AP, 0x4, 0x2000_0000);
    check(&mut port, SWD, &commands, &[DONE_OK]);
}

#[test]
fn a_long_answer_comes_in_several_packets() {
    let (mut port, _machine) = port();
    let mut commands = line_reset();
    commands.extend([IS_READ; 1_000]);
    let answers = port.receive(&packet(SWD, &commands)).unwrap();
    let mut content: Vec<u8> = Vec::new();
    for coded in answers.split(|&byte| byte == 0).filter(|it| !it.is_empty()) {
        let mut coded = coded.to_vec();
        let length = cobs::decode_in_place(&mut coded).unwrap();
        assert_eq!(coded[0], SWD);
        content.extend(&coded[1..length]);
    }
    assert_eq!(content, [DATA_OK, 0x77, 0x14, 0xC1, 0x0B].repeat(1_000));
}

#[test]
fn what_is_no_packet_ends_the_connection() {
    let check = |bytes: &[u8], expected| {
        let (mut port, _machine) = port();
        assert_eq!(port.receive(bytes), Err(expected));
    };
    check(&[5, 1, 0], GlasgowError::Malformed);
    check(&packet(2, &[0]), GlasgowError::Endpoint { endpoint: 2 });
    let (endpoint, command) = (ROOT, 0x7F);
    check(
        &packet(ROOT, &[0x7F]),
        GlasgowError::Command { endpoint, command },
    );
    check(&vec![1; MAX_PACKET_LEN + 1], GlasgowError::Oversized);
}
