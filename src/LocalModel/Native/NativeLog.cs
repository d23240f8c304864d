using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentKit.Models.Native;

/// <summary>
/// Routes llama.cpp's process-wide log to an <see cref="ILogger"/> and remembers its last complaints for error messages. What a native call
/// logs arrives on the thread that made it, so lines and complaints are kept apart by thread: models that load at the same time do not mix.
/// </summary>
internal static unsafe class NativeLog
{
    private const int RememberedLines = 8;

    [ThreadStatic]
    private static ThreadLog? _thread;

    private static ILogger _logger = NullLogger.Instance;

    private static ThreadLog Current => _thread ??= new();

    /// <summary>Where lines go from now on. llama.cpp has one log per process, so the last caller wins.</summary>
    public static void Use(ILogger logger) => Volatile.Write(ref _logger, logger);

    /// <summary>Where the lines of this thread's calls go from now on; <c>null</c>: where all go.</summary>
    public static void UseOnThisThread(ILogger? logger) => Current.Logger = logger;

    public static void Install() => LlamaApi.LogSet(&OnLog, null);

    /// <summary>Warnings and errors of this thread's calls since the last time, oldest first.</summary>
    public static string TakeComplaints()
    {
        string text = string.Join(" ", Current.Complaints);
        Current.Complaints.Clear();
        return text;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(int level, byte* text, void* userData)
    {
        string piece = Marshal.PtrToStringUTF8((nint)text) ?? "";
        ThreadLog log = Current;
        // Level 5 continues the line before; progress dots arrive one by one.
        log.Level = level == 5 ? log.Level : ToLogLevel(level);
        log.Line.Append(piece);
        if (piece.EndsWith('\n'))
        {
            Emit(log, log.Line.ToString().TrimEnd());
            log.Line.Clear();
        }
    }

    private static void Emit(ThreadLog log, string line)
    {
        if (line.Length == 0)
        {
            return;
        }

        if (log.Level >= LogLevel.Information)
        {
            log.Complaints.Enqueue(line);
            while (log.Complaints.Count > RememberedLines)
            {
                log.Complaints.Dequeue();
            }
        }

        (log.Logger ?? Volatile.Read(ref _logger)).Log(log.Level, "{Line}", line);
    }

    private static LogLevel ToLogLevel(int level) => level switch
    {
        // llama.cpp's "info" is a page of load details for each model, and its warnings are for people who build it;
        // what stops us is thrown, with the last complaints in the message.
        1 or 2 => LogLevel.Debug,
        3 => LogLevel.Information,
        4 => LogLevel.Warning,
        _ => LogLevel.Trace,
    };

    private sealed class ThreadLog
    {
        public StringBuilder Line { get; } = new();

        public Queue<string> Complaints { get; } = new();

        public LogLevel Level { get; set; }

        public ILogger? Logger { get; set; }
    }
}
