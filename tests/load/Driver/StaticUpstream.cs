using System.Globalization;

namespace Synthwave.Load.Driver;

/// <summary>
/// nginx as the cheapest upstream there is: one process, static answers, <c>/json/v1</c> for completions and <c>/sse/v1</c> for streams.
/// It counts its requests, so that a run can prove how many upstream calls an answer took.
/// </summary>
internal static class StaticUpstream
{
    public static ChildProcess Start(int port, string scratch, string? logs)
    {
        var home = Path.Combine(scratch, "nginx");
        Write(home, "root/json/v1/chat/completions", Payloads.Completion);
        Write(home, "root/json/v1/models", Payloads.Catalog);
        Write(home, "root/sse/v1/chat/completions", Payloads.EventStream());
        Write(home, "root/sse/v1/models", Payloads.Catalog);
        Write(home, "nginx.conf", Settings(port));

        return ChildProcess.Start("nginx", ["nginx", "-p", home, "-c", Path.Combine(home, "nginx.conf"), "-e", "stderr"], scratch, logs);
    }

    // A static file refuses POST with 405; error_page turns that into the file. The ssi filter forgets the length of the stream,
    // which makes it arrive chunked, as a model's stream does.
    private static string Settings(int port) => $$"""
        daemon off;
        master_process off;
        worker_processes 1;
        worker_rlimit_nofile 8192;
        pid nginx.pid;
        error_log stderr crit;
        events { worker_connections 4096; }
        http {
          access_log off;
          tcp_nodelay on;
          keepalive_timeout 300s;
          keepalive_requests 1000000000;
          client_max_body_size 2m;
          client_body_temp_path temp-body;
          proxy_temp_path temp-proxy;
          fastcgi_temp_path temp-fastcgi;
          uwsgi_temp_path temp-uwsgi;
          scgi_temp_path temp-scgi;
          open_file_cache max=16;
          open_file_cache_valid 1h;
          server {
            listen 127.0.0.1:{{port.ToString(CultureInfo.InvariantCulture)}} backlog=4096;
            root root;
            default_type application/json;
            location /json/ { error_page 405 =200 $uri; }
            location = /sse/v1/chat/completions {
              default_type text/event-stream;
              ssi on;
              ssi_types text/event-stream;
              error_page 405 =200 $uri;
            }
            location = /status { stub_status; }
          }
        }
        """;

    private static void Write(string home, string path, string text)
    {
        var file = Path.Combine(home, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
