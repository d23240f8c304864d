namespace AgentKit.Training.Runs;

/// <summary>Files that are complete whenever they are there, also after a power cut.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file beside its place and moves it there.</summary>
    /// <exception cref="IOException">The disk is full, or the folder is gone; nothing is left then.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string partial = $"{path}.part";
        try
        {
            using (FileStream stream = File.Create(partial))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            if (File.Exists(partial)) File.Delete(partial);
        }
    }
}
