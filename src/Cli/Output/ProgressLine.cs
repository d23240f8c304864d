using System.Globalization;

namespace AgentKit.Cli.Output;

/// <summary>
/// How far long work has come, on standard error: on a terminal one line that is written over, with rate and time left; elsewhere a line for every
/// tenth, so that a log stays short.
/// </summary>
internal sealed class ProgressLine(Terminal terminal, bool quiet, TimeProvider time, string unit = "") : IDisposable
{
    private const int BarWidth = 24;
    private const long MostPerSecond = 10;

    private readonly Lock _gate = new();
    private readonly long _started = time.GetTimestamp();
    private double? _first;
    private long _shownAt;
    private int _shownTenth = -1;
    private int _width;

    /// <param name="label">What is being worked on.</param>
    /// <param name="done">Amount done, in bytes or in the unit given.</param>
    /// <param name="total">The whole; 0 when not known.</param>
    public void Report(string label, long done, long total)
    {
        if (quiet) return;
        lock (_gate)
        {
            // What was there before this process began says nothing about its speed.
            _first ??= done;
            if (terminal.ErrorIsTerminal) Overwrite(label, done, total);
            else WriteTenth(label, done, total);
        }
    }

    /// <summary>Takes the line away so that results stand alone.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_width > 0) terminal.Error.Write("\r" + new string(' ', _width) + "\r");
            _width = 0;
        }
    }

    private void Overwrite(string label, long done, long total)
    {
        bool last = done == total;
        if (!last && _shownAt != 0 && time.GetElapsedTime(_shownAt).TotalSeconds < 1.0 / MostPerSecond) return;
        _shownAt = time.GetTimestamp();
        int filled = total > 0 ? (int)Math.Clamp(BarWidth * done / total, 0, BarWidth) : 0;
        string bar = total > 0 ? $"[{new string('#', filled)}{new string('.', BarWidth - filled)}] " : "";
        string line = $"{label} {bar}{Amounts(done, total)}{Speed(done, total)}";
        terminal.Error.Write("\r" + line.PadRight(_width));
        _width = line.Length;
    }

    private void WriteTenth(string label, long done, long total)
    {
        int tenth = total > 0 ? (int)(10 * done / total) : 0;
        if (tenth <= _shownTenth) return;
        _shownTenth = tenth;
        terminal.Error.WriteLine($"{label} {Amounts(done, total)}{Speed(done, total)}");
    }

    private string Amounts(long done, long total) => total > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * done / total:0} %, {(unit.Length == 0 ? Amount(done) : $"{done}")} of {Amount(total)}")
        : Amount(done);

    private string Speed(long done, long total)
    {
        double seconds = time.GetElapsedTime(_started).TotalSeconds;
        double rate = seconds > 0 ? (done - _first!.Value) / seconds : 0;
        if (rate <= 0) return "";
        string left = total > done ? $", {TimeSpan.FromSeconds(Math.Ceiling((total - done) / rate)):hh\\:mm\\:ss} left" : "";
        return $", {Rate(rate)}{left}";
    }

    /// <summary>Units may take seconds each; bytes never do.</summary>
    private string Rate(double rate) => unit.Length == 0 || rate >= 10
        ? $"{Amount((long)rate)}/s"
        : rate >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{rate:0.0} {unit}/s") : string.Create(CultureInfo.InvariantCulture, $"{1 / rate:0.0} s each");

    private string Amount(long amount) => unit.Length == 0
        ? Quantity.Bytes(amount)
        : string.Create(CultureInfo.InvariantCulture, $"{amount} {unit}");
}
