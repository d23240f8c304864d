using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Runs;

/// <summary>Writes whole files: under their name stands the old content or the new one, never a part.</summary>
internal static class AtomicFile
{
    public static void Write(string path, byte[] content)
    {
        string temporary = path + ".part";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(path, e);
        }
    }

    /// <summary>The disk is full, or does not take it for another reason of its own.</summary>
    public static UserInputException NotWritten(string path, Exception cause, string advice = "Make room, and run the same command again.") =>
        new(path, $"{path} cannot be written ({cause.Message.TrimEnd('.')}). {advice}", cause);
}
