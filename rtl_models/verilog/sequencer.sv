// The controller (architecture.md §5, §6): a tile loads a column per beat, with it the selects and masks of one phase;
// then every pass walks the phases, one per cycle. Beats go before passes, never inside one. The beat marked last is
// followed by one cycle without use of the lines. `scan`: phase k shows window k, whatever selects were loaded, and the
// masks of phase 0 hold for all, since a scan may have more phases than the tile has beats.
// SHADOW: two banks of everything a load brings. Beats go into the one that is not on compute, at any time until the
// tile is complete; `swap` keeps a next pass from beginning, and exchanges the banks once the other one is complete and
// no pass is under way.
module sequencer #(
    parameter int P = 4,
    parameter int R = 32,
    parameter int C = 32,
    parameter int I = 4,
    parameter int WINDOW = 1,
    parameter bit SCAN = 1,
    parameter bit CONCAT = 1,
    parameter bit SHADOW = 0,
    parameter int METADATA_BITS = SCAN ? $clog2(2 * I) : $clog2(2 * WINDOW),
    parameter int BASE_BITS = I > 1 ? $clog2(I) : 1,
    parameter int ROUTE_BITS = P > 1 ? $clog2(P) : 1,
    parameter int COLUMN_BITS = C > 1 ? $clog2(C) : 1,
    parameter int COUNT_BITS = $clog2(P + 1),
    parameter int PAIR_BITS = $clog2(I + 1),
    parameter int MAX_PHASES = SCAN && I > C ? I : C,
    parameter int PHASE_BITS = $clog2(MAX_PHASES + 1),
    parameter int MAX_LANES = CONCAT ? P : 1
) (
    input logic clock,
    input logic reset,
    input logic enable,

    input  logic                     load_valid,
    output logic                     load_ready,
    input  logic                     load_last,        // of the tile
    input  logic [  COLUMN_BITS-1:0] load_column,      // also the number of the phase in the beat
    input  logic                     load_has_phase,
    input  logic [P*R*BASE_BITS-1:0] load_bases,       // [sub-macro][row]
    input  logic [  MAX_LANES*C-1:0] load_columns,     // [lane][column]
    // The tile's layout, equal in all its beats.
    input  logic [   COUNT_BITS-1:0] load_group,       // sub-macros per lane
    input  logic [   COUNT_BITS-1:0] load_lanes,
    input  logic [    PAIR_BITS-1:0] load_block_pairs, // a power of two
    input  logic [    PAIR_BITS-1:0] load_window,      // a power of two
    input  logic                     load_compressed,
    input  logic                     load_scan,
    input  logic [   PHASE_BITS-1:0] load_phases,      // S
    input  logic [ P*ROUTE_BITS-1:0] load_route,

    input  logic swap,
    output logic swap_ready,

    input  logic pass_valid,
    output logic pass_ready,

    input  logic [P-1:0] sub_ready,
    output logic         write,
    output logic [C-1:0] write_columns,
    output logic         bank,         // on compute
    output logic [P-1:0] phase,
    output logic         phase_first,
    output logic         phase_last,

    output logic [               P-1:0] active,
    output logic [      COUNT_BITS-1:0] group,
    output logic [      COUNT_BITS-1:0] lanes,
    output logic [             P*C-1:0] columns,  // [sub-macro][column]: sel_col, or the column that is written
    output logic [   P*R*BASE_BITS-1:0] bases,
    output logic [       BASE_BITS-1:0] pair_mask,
    output logic [    P*ROUTE_BITS-1:0] route,
    output logic [   METADATA_BITS-1:0] line_mask,
    output logic                        scan,
    output logic [   METADATA_BITS-1:0] scan_index
);
  localparam int INDEX_BITS = MAX_PHASES > 1 ? $clog2(MAX_PHASES) : 1;

  localparam int BANKS = SHADOW ? 2 : 1;
  localparam int LAYOUT_BITS = 2 * COUNT_BITS + PHASE_BITS + BASE_BITS + METADATA_BITS + P * ROUTE_BITS;

  logic [INDEX_BITS-1:0] index;  // of the phase in its pass
  logic [PHASE_BITS-1:0] phases;

  logic load_open, compute, take_beat, take_phase, write_bank;
  assign take_beat = load_open && load_valid;
  assign phase_first = index == '0;
  assign phase_last = PHASE_BITS'(index) + 1'b1 == phases;

  assign load_ready = enable && load_open;
  assign pass_ready = enable && take_phase && phase_last;
  assign write = enable && take_beat;
  assign write_columns = C'(1) << load_column;
  assign phase = enable && take_phase && pass_valid ? active : '0;

  always_ff @(posedge clock) begin
    if (reset) index <= '0;
    else if (enable && take_phase && pass_valid) index <= phase_last ? '0 : index + 1'b1;
  end

  if (SHADOW) begin : g_shadow
    logic complete;  // the bank that is not on compute
    logic take_swap;
    assign load_open = !complete;
    assign take_swap = complete && phase_first && swap;
    assign take_phase = compute && !(phase_first && swap) && (&sub_ready);
    assign swap_ready = enable && complete && phase_first;
    assign write_bank = !bank;
    always_ff @(posedge clock) begin
      if (reset) begin
        compute <= 1'b0;
        complete <= 1'b0;
        bank <= 1'b0;
      end else if (enable) begin
        if (take_swap) begin
          compute <= 1'b1;
          complete <= 1'b0;
          bank <= !bank;
        end else if (take_beat && load_last) complete <= 1'b1;
      end
    end
  end else begin : g_blocking
    typedef enum logic [1:0] {
      EMPTY,
      LOADING,
      TURNAROUND,
      COMPUTE
    } state_t;

    state_t state;
    assign compute = state == COMPUTE;
    assign load_open = state != TURNAROUND && phase_first;
    assign take_phase = compute && !take_beat && (&sub_ready);
    assign swap_ready = 1'b0;
    assign bank = 1'b0;
    assign write_bank = 1'b0;
    always_ff @(posedge clock) begin
      if (reset) state <= EMPTY;
      else if (enable) begin
        if (take_beat) state <= load_last ? TURNAROUND : LOADING;
        else if (state == TURNAROUND) state <= COMPUTE;
      end
    end
    logic unused_swap;
    assign unused_swap = swap;
  end

  logic [P*R*BASE_BITS-1:0] stored_bases[BANKS][C];
  logic [MAX_LANES*C-1:0] stored_columns[BANKS][C];
  always_ff @(posedge clock) begin
    if (write && load_has_phase) begin
      stored_bases[write_bank][load_column] <= load_bases;
      stored_columns[write_bank][load_column] <= load_columns;
    end
  end

  logic [LAYOUT_BITS-1:0] layouts[BANKS];
  logic [METADATA_BITS-1:0] load_line_mask;
  assign load_line_mask = load_compressed ? METADATA_BITS'(2 * load_window - 1) : '0;
  always_ff @(posedge clock) begin
    if (write) begin
      layouts[write_bank] <= {
        load_group, load_lanes, load_phases, BASE_BITS'(load_block_pairs - 1'b1), load_line_mask, load_route
      };
    end
  end
  assign {group, lanes, phases, pair_mask, line_mask, route} = layouts[bank];

  logic [BASE_BITS-1:0] scan_base;
  logic [COLUMN_BITS-1:0] stored_index;
  if (SCAN) begin : g_scan
    logic [PAIR_BITS-1:0] window;
    logic [PAIR_BITS:0] scans[BANKS];
    always_ff @(posedge clock) begin
      if (write) scans[write_bank] <= {load_scan, load_window};
    end
    assign {scan, window} = scans[bank];
    assign scan_base = BASE_BITS'(index * window);
    assign stored_index = scan ? '0 : COLUMN_BITS'(index);
    assign scan_index = METADATA_BITS'({scan_base, 1'b0});
  end else begin : g_grouped
    logic unused_scan;
    assign unused_scan = load_scan;
    assign scan = 1'b0;
    assign scan_base = '0;
    assign stored_index = index;
    assign scan_index = '0;
  end
  assign bases = scan ? {P * R{scan_base}} : stored_bases[bank][stored_index];

  for (genvar p = 0; p < P; p++) begin : g_sub
    // The lane of sub-macro p: the one for which lane * group <= p < (lane + 1) * group.
    logic [MAX_LANES-1:0] in_lane;
    for (genvar l = 0; l < MAX_LANES; l++) begin : g_lane
      assign in_lane[l] = l < 32'(lanes) && l * group <= p && p < (l + 1) * group;
    end
    assign active[p] = |in_lane;
    logic [C-1:0] selected;
    always_comb begin
      selected = '0;
      for (int l = 0; l < MAX_LANES; l++) begin
        if (in_lane[l]) selected = selected | stored_columns[bank][stored_index][l*C+:C];
      end
    end
    assign columns[p*C+:C] = write && !SHADOW ? write_columns : selected;
  end
endmodule
