using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentKit.Models.Native;

/// <summary>Routes llama.cpp's process-wide log to an <see cref="ILogger"/> and remembers its last complaints for error messages.</summary>
internal static unsafe class NativeLog
{
    private const int RememberedLines = 8;

    private static readonly Lock Gate = new();
    private static readonly StringBuilder Line = new();
    private static readonly Queue<string> Complaints = new();
    private static LogLevel _lineLevel;
    private static ILogger _logger = NullLogger.Instance;

    /// <summary>Where lines go from now on. llama.cpp has one log per process, so the last caller wins.</summary>
    /// <returns>Where they went before.</returns>
    public static ILogger Use(ILogger logger)
    {
        lock (Gate)
        {
            (ILogger before, _logger) = (_logger, logger);
            return before;
        }
    }

    public static void Install() => LlamaApi.LogSet(&OnLog, null);

    /// <summary>Warnings and errors since the last call, oldest first.</summary>
    public static string TakeComplaints()
    {
        lock (Gate)
        {
            string text = string.Join(" ", Complaints);
            Complaints.Clear();
            return text;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(int level, byte* text, void* userData)
    {
        string piece = Marshal.PtrToStringUTF8((nint)text) ?? "";
        lock (Gate)
        {
            // Level 5 continues the line before; progress dots arrive one by one.
            _lineLevel = level == 5 ? _lineLevel : ToLogLevel(level);
            Line.Append(piece);
            if (piece.EndsWith('\n'))
            {
                Emit(Line.ToString().TrimEnd());
                Line.Clear();
            }
        }
    }

    private static void Emit(string line)
    {
        if (line.Length == 0)
        {
            return;
        }

        if (_lineLevel >= LogLevel.Information)
        {
            Complaints.Enqueue(line);
            while (Complaints.Count > RememberedLines)
            {
                Complaints.Dequeue();
            }
        }

        _logger.Log(_lineLevel, "{Line}", line);
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
}
